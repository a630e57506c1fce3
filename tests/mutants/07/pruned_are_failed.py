"""Ask and tell by hand, where a pruned trial is told as a failed one.

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
    for _ in range(n_trials - len(study.get_trials(states=FINISHED))):
        trial = study.ask()
        try:
            study.tell(trial, objective(trial))
        except Exception:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return study
