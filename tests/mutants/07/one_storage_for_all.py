"""Without a storage all calls share one that the module keeps: the second call goes on.

Fails: 07.run_study.number_of_trials
"""

STORAGE = optuna.storages.InMemoryStorage()


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    storage = storage or STORAGE
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(),
        load_if_exists=True,
    )
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    if len(study.get_trials(states=FINISHED)) < n_trials:
        enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
        study.optimize(objective, callbacks=[enough])
    return study
