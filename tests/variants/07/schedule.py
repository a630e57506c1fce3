"""A one-cycle schedule, NumPy accuracy, strided convolutions, a quiet Optuna, `study.stop`."""

import math

import numpy as np

optuna.logging.set_verbosity(optuna.logging.ERROR)


def build_cnn(trial):
    n = trial.suggest_int("num_conv_layers", 1, 3)
    f = trial.suggest_categorical("num_filters", [16, 32, 64, 128])
    k = trial.suggest_categorical("kernel_size", [3, 5])
    m = trial.suggest_int("num_fc_layers", 1, 3)
    s = trial.suggest_categorical("fc_layer_size", [64, 128, 256])
    p = trial.suggest_float("dropout", 0.2, 0.5, step=0.01)
    body = [nn.Conv2d(1, f, k, stride=2, padding=k // 2), nn.LeakyReLU()]
    for _ in range(n - 1):
        body += [nn.Conv2d(f, f, k, stride=2, padding=k // 2), nn.LeakyReLU()]
    side = math.ceil(28 / 2**n)
    head = [nn.Flatten(), nn.Dropout(p), nn.Linear(f * side**2, s), nn.ReLU()]
    for _ in range(m - 1):
        head += [nn.Dropout(p), nn.Linear(s, s), nn.ReLU()]
    head += [nn.Dropout(p), nn.Linear(s, 10)]
    return nn.Sequential(nn.Sequential(*body), nn.Sequential(*head))


def objective(trial, train_set, val_set, *, epochs, device):
    model = build_cnn(trial)
    lr = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
    wd = trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True)
    name = trial.suggest_categorical("optimizer", ["Adam", "SGD", "RMSprop"])
    batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])
    model = model.to(device)
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": wd}, {"params": biases, "weight_decay": 0.0}]
    optimizer = vars(torch.optim)[name](groups, lr=lr)
    loader = DataLoader(train_set, batch_size, shuffle=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=lr, total_steps=epochs * len(loader) + 1, cycle_momentum=False
    )
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            loss = nn.functional.cross_entropy(model(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
        model.eval()
        right = []
        with torch.no_grad():
            for x, y in DataLoader(val_set, batch_size=64):
                right.append((model(x.to(device)).argmax(1).cpu() == y).numpy())
        accuracy = np.concatenate(right).mean()
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return accuracy


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    def count(study):
        return len([t for t in study.get_trials() if t.state.is_finished() and not failed(t)])

    def failed(trial):
        return trial.state == optuna.trial.TrialState.FAIL

    def stop_at_enough(study, trial):
        if count(study) >= n_trials:
            study.stop()

    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=10, interval_steps=2),
        directions=["maximize"],
        study_name=study_name,
        storage=storage,
        load_if_exists=True,
    )
    if count(study) < n_trials:
        study.optimize(objective, callbacks=[stop_at_enough], gc_after_trial=True)
    return study
