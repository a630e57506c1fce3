"""A trainer class with steps, groups for norms, GroupNorm and stride, running averages of weights."""

import torch.nn.functional as F


class _Tower(nn.Sequential):
    def __init__(self, depth, filters, kernel):
        super().__init__()
        for level in range(depth):
            self.add_module(
                f"conv{level}",
                nn.Conv2d(1 if level == 0 else filters, filters, kernel, stride=2, padding=2),
            )
            self.add_module(f"norm{level}", nn.GroupNorm(4, filters))
            self.add_module(f"act{level}", nn.SiLU())


class FashionNet(nn.Module):
    def __init__(self, depth, filters, kernel, hidden, rate):
        super().__init__()
        self.tower = _Tower(depth, filters, kernel)
        with torch.no_grad():
            features = self.tower(torch.zeros(1, 1, 28, 28)).numel()
        widths = [features, *hidden]
        self.fc = nn.ModuleDict(
            {f"fc{i}": nn.Linear(widths[i], widths[i + 1]) for i in range(len(hidden))}
        )
        self.out = nn.Linear(widths[-1], 10)
        self.rate = rate

    def forward(self, x):
        x = self.tower(x).flatten(1)
        for layer in self.fc.values():
            x = F.dropout(F.silu(layer(x)), p=self.rate, training=self.training)
        return self.out(x)


def build_cnn(trial: optuna.Trial) -> nn.Module:
    depth = trial.suggest_categorical("num_conv_layers", [3, 2, 1])
    filters = (
        2
        ** [4, 5, 6, 7].index(
            (trial.suggest_categorical("num_filters", [16, 32, 64, 128])).bit_length() - 1
        )
        * 16
    )
    kernel = trial.suggest_int("kernel_size", 3, 5, step=2)
    hidden = [trial.suggest_categorical("fc_layer_size", [64, 128, 256])]
    hidden *= trial.suggest_int("num_fc_layers", 1, 3)
    return FashionNet(depth, filters, kernel, hidden, trial.suggest_float("dropout", 0.2, 0.5))


class _Module:
    def __init__(self, trial, device):
        self.trial, self.device = trial, device
        self.net = build_cnn(trial).to(device)

    def configure_optimizers(self):
        lr = self.trial.suggest_float("learning_rate", 0.0001, 0.01, log=True)
        decay = self.trial.suggest_float("weight_decay", 0.000001, 0.01, log=True)
        slow, fast = (
            self.net.tower.parameters(),
            [*self.net.fc.parameters(), *self.net.out.parameters()],
        )
        kind = self.trial.suggest_categorical("optimizer", ["Adam", "SGD", "RMSprop"])
        optimizers = {k: getattr(torch.optim, k) for k in ("Adam", "SGD", "RMSprop")}
        return optimizers[kind]([{"params": slow}, {"params": fast}], lr=lr, weight_decay=decay)

    def training_step(self, batch):
        images, labels = batch
        return F.nll_loss(F.log_softmax(self.net(images), dim=1), labels)

    def validation_step(self, batch):
        images, labels = batch
        return (self.net(images).max(1).indices == labels).sum(), labels.numel()


def objective(trial, train_set, val_set, *, epochs, device):
    module = _Module(trial, device)
    optimizer = module.configure_optimizers()
    size = trial.suggest_categorical("batch_size", (32, 64, 128))
    generator = torch.Generator().manual_seed(trial.number)
    train_loader = DataLoader(train_set, batch_size=size, shuffle=True, generator=generator)
    val_loader = DataLoader(val_set, batch_size=size, drop_last=False)

    def move(loader):
        return (tuple(part.to(device) for part in batch) for batch in loader)

    accuracy = None
    for epoch in range(epochs):
        module.net.train()
        for batch in move(train_loader):
            optimizer.zero_grad(set_to_none=True)
            module.training_step(batch).backward()
            optimizer.step()
        module.net.eval()
        with torch.no_grad():
            right, count = map(sum, zip(*map(module.validation_step, move(val_loader))))
        accuracy = right / count
        trial.report(accuracy, epoch)
        if trial.should_prune():
            trial.set_user_attr("pruned_at", epoch)
            raise optuna.TrialPruned
    return accuracy


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    settings = dict(
        sampler=optuna.samplers.TPESampler(n_startup_trials=6, seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2, n_min_trials=3),
    )
    known = optuna.get_all_study_names(storage) if storage is not None else []
    if study_name in known:
        study = optuna.load_study(study_name=study_name, storage=storage, **settings)
    else:
        study = optuna.create_study(
            study_name=study_name, storage=storage, direction="maximize", **settings
        )

    def left():
        counts = dict.fromkeys(optuna.trial.TrialState, 0)
        for trial in study.get_trials(deepcopy=False):
            counts[trial.state] += 1
        return (
            n_trials
            - counts[optuna.trial.TrialState.COMPLETE]
            - counts[optuna.trial.TrialState.PRUNED]
        )

    while (missing := left()) > 0:
        study.optimize(objective, n_trials=missing)
    return study
