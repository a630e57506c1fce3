"""Counts complete trials only, which is the default of `MaxTrialsCallback`.

Fails: 07.run_study.pruned_trials_count
"""


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(),
        load_if_exists=True,
    )
    if len(study.get_trials(states=[optuna.trial.TrialState.COMPLETE])) < n_trials:
        study.optimize(objective, callbacks=[optuna.study.MaxTrialsCallback(n_trials)])
    return study
