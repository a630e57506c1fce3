"""Keeps the best quarter of the trials instead of the better half.

Fails: 07.run_study.median_pruner
"""


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.PercentilePruner(25.0),
        load_if_exists=True,
    )
    if len(study.get_trials(states=FINISHED)) < n_trials:
        enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
        study.optimize(objective, callbacks=[enough])
    return study
