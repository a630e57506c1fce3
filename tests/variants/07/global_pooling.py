"""Global average pooling behind the convolutions, cosine annealing, ask and tell by hand."""

import itertools


class _Cnn(nn.Module):
    def __init__(self, depth, width, kernel, layers, size, rate):
        super().__init__()
        self.stem = nn.Conv2d(1, width, kernel, padding="same", padding_mode="reflect")
        self.blocks = nn.ModuleList()
        for _ in range(depth - 1):
            conv = nn.Conv2d(width, width, kernel, padding="same", padding_mode="reflect")
            self.blocks.append(nn.Sequential(nn.MaxPool2d(2), conv, nn.BatchNorm2d(width)))
        self.pool = nn.AdaptiveAvgPool2d(1)
        sizes = [width, *itertools.repeat(size, layers)]
        self.classifier = nn.Sequential()
        for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            self.classifier.append(nn.Linear(inputs, outputs))
            self.classifier.append(nn.ReLU(inplace=True))
        self.dropout = nn.Dropout(rate)
        self.logits = nn.Linear(size, 10)

    def forward(self, images):
        features = self.stem(images).relu()
        for block in self.blocks:
            features = block(features).relu()
        features = torch.flatten(self.pool(features), 1)
        return self.logits(self.dropout(self.classifier(features)))


def build_cnn(trial):
    return _Cnn(
        depth=trial.suggest_int("num_conv_layers", 1, 3),
        width=trial.suggest_categorical("num_filters", [16, 32, 64, 128]),
        kernel=trial.suggest_categorical("kernel_size", [3, 5]),
        layers=trial.suggest_int("num_fc_layers", 1, 3),
        size=trial.suggest_categorical("fc_layer_size", [64, 128, 256]),
        rate=trial.suggest_float("dropout", 0.2, 0.5),
    )


def _optimizer(trial, parameters):
    name = trial.suggest_categorical("optimizer", ["Adam", "SGD", "RMSprop"])
    options = {
        "lr": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
    }
    if name == "SGD":
        return torch.optim.SGD(parameters, momentum=0.9, **options)
    return {"Adam": torch.optim.Adam, "RMSprop": torch.optim.RMSprop}[name](parameters, **options)


def objective(trial, train_set, val_set, *, epochs, device):
    batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])
    model = build_cnn(trial).to(device)
    optimizer = _optimizer(trial, model.parameters())
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(epochs, 1))
    train = DataLoader(train_set, batch_size, shuffle=True)
    val = DataLoader(val_set, 512)
    for epoch in range(epochs):
        if epoch and trial.should_prune():
            raise optuna.TrialPruned(f"after epoch {epoch}")
        for x, y in train:
            model.train()
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(
                model(x.to(device)), y.to(device), label_smoothing=0.1
            )
            loss.backward()
            optimizer.step()
        schedule.step()
        with torch.no_grad():
            model.eval()
            hits = [model(x.to(device)).argmax(1).cpu().eq(y) for x, y in val]
        accuracy = torch.cat(hits).float().mean().item()
        trial.report(value=accuracy, step=epoch)
    if trial.should_prune():
        raise optuna.TrialPruned("after the last epoch")
    return accuracy


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        direction="maximize",
        storage=storage,
        study_name=study_name,
        load_if_exists=True,
    )  # a median pruner is Optuna's default
    states = optuna.trial.TrialState
    while len([t for t in study.trials if t.state in (states.COMPLETE, states.PRUNED)]) < n_trials:
        trial = study.ask()
        try:
            value = objective(trial)
        except optuna.TrialPruned:
            study.tell(trial, state=states.PRUNED)
        else:
            study.tell(trial, value, skip_if_finished=True)
    return study
