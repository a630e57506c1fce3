"""A module of its own with functional dropout and global pooling; a loop of single trials."""


class _Net(nn.Module):
    def __init__(self, convs, filters, kernel, hidden, width, rate):
        super().__init__()
        self.rate = rate
        sides = [1] + [filters] * convs
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, kernel, padding="same") for a, b in zip(sides, sides[1:])
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(filters) for _ in range(convs))
        sides = [filters * 16] + [width] * hidden
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sides, sides[1:]))
        self.out = nn.Linear(width, 10)

    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms):
            x = torch.relu(norm(conv(x)))
        x = nn.functional.adaptive_avg_pool2d(x, 4).flatten(start_dim=1)
        for layer in self.hidden:
            x = nn.functional.dropout(layer(x).relu(), self.rate, self.training)
        return self.out(x)


def build_cnn(trial):
    rate = trial.suggest_float("dropout", 0.2, 0.5)
    width = trial.suggest_categorical("fc_layer_size", (64, 128, 256))
    hidden = trial.suggest_categorical("num_fc_layers", [1, 2, 3])
    filters = trial.suggest_categorical("num_filters", [128, 64, 32, 16])
    kernel = trial.suggest_int("kernel_size", 3, 5, step=2)
    convs = trial.suggest_int("num_conv_layers", low=1, high=3)
    return _Net(convs, filters, kernel, hidden, width, rate)


def objective(trial, train_set, val_set, *, epochs, device):
    net = build_cnn(trial)
    net.to(device)
    settings = dict(
        lr=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
    )
    make = {
        "Adam": torch.optim.Adam,
        "SGD": lambda p, **o: torch.optim.SGD(p, momentum=0.9, nesterov=True, **o),
        "RMSprop": torch.optim.RMSprop,
    }[trial.suggest_categorical("optimizer", ["RMSprop", "SGD", "Adam"])]
    optimizer = make(net.parameters(), **settings)
    size = trial.suggest_categorical("batch_size", [2**n for n in (5, 6, 7)])
    xs, ys = (torch.stack([torch.as_tensor(item[i]) for item in val_set]) for i in (0, 1))
    xs, ys = xs.to(device), ys.to(device)
    for epoch in range(1, epochs + 1):
        net.train()
        for x, y in DataLoader(train_set, size, shuffle=True, drop_last=len(train_set) > size):
            optimizer.zero_grad()
            nn.CrossEntropyLoss()(net(x.to(device)), y.to(device)).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
        net.eval()
        with torch.inference_mode():
            right = (net(xs).argmax(-1) == ys).float().mean()
        trial.report(right, step=epoch)
        trial.set_user_attr("epoch", epoch)
        if trial.should_prune():
            raise optuna.exceptions.TrialPruned(f"{trial.number} of {trial.study.study_name}")
    return right


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        direction=optuna.study.StudyDirection.MAXIMIZE,
        study_name=study_name,
        storage=storage,
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=5),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=8, n_warmup_steps=1),
    )
    while sum(t.state in FINISHED for t in study.trials) < n_trials:
        study.optimize(lambda trial: objective(trial), n_trials=1)
    return study
