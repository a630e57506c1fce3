"""Counts every trial that has not failed, also one that never ended.

Fails: 07.run_study.failed_trials
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

    def missing():
        failed = study.get_trials(states=[optuna.trial.TrialState.FAIL])
        return n_trials - (len(study.trials) - len(failed))

    while missing() > 0:
        study.optimize(objective, n_trials=missing(), catch=Exception)
    return study
