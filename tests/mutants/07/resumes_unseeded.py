"""Loads an old study without the sampler: from the second call on nothing is seeded.

Fails: 07.run_study.resumed_seed
"""


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    try:
        study = optuna.load_study(study_name=study_name, storage=storage)
    except Exception:
        study = optuna.create_study(
            storage=storage,
            study_name=study_name,
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.MedianPruner(),
        )
    if len(study.get_trials(states=FINISHED)) < n_trials:
        enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
        study.optimize(objective, callbacks=[enough])
    return study
