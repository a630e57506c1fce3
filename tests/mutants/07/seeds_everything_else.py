"""Seeds Python, NumPy and torch; the sampler has a generator of its own.

Fails: 07.run_study.seeded_tpe
"""

import random

import numpy as np


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(),
        pruner=optuna.pruners.MedianPruner(),
        load_if_exists=True,
    )
    if len(study.get_trials(states=FINISHED)) < n_trials:
        enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
        study.optimize(objective, callbacks=[enough])
    return study
