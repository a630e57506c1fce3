"""Lets the callback alone stop the study: it looks only after a trial has run.

Fails: 07.run_study.enough_trials
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
    enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
    study.optimize(objective, callbacks=[enough])
    return study
