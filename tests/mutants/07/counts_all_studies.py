"""Counts the trials of all studies in the storage: a second study gets too few.

Fails: 07.run_study.study_name
"""


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(),
        load_if_exists=True,
    )
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    found = [study]
    if storage is not None:
        names = optuna.get_all_study_names(storage)
        found = [optuna.load_study(study_name=name, storage=storage) for name in names]
    for _ in range(n_trials - sum(len(one.get_trials(states=FINISHED)) for one in found)):
        study.optimize(objective, n_trials=1)
    return study
