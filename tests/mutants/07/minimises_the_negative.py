"""Minimises the negative value, as with a loss: the study's values are not the objective's.

Fails: 07.run_study.number_of_trials
"""


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="minimize",
        pruner=optuna.pruners.MedianPruner(),
        load_if_exists=True,
    )
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    if len(study.get_trials(states=FINISHED)) < n_trials:
        enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
        study.optimize(lambda trial: -objective(trial), callbacks=[enough])
    return study
