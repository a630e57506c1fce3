"""Lazy layers and a last pooling, the missing number of trials, load before create."""


def build_cnn(trial):
    draw = trial.suggest_categorical
    convs, width = draw("num_conv_layers", [1, 2, 3]), draw("num_filters", [16, 32, 64, 128])
    kernel, hidden = draw("kernel_size", [3, 5]), draw("num_fc_layers", [1, 2, 3])
    size, rate = draw("fc_layer_size", [64, 128, 256]), trial.suggest_uniform("dropout", 0.2, 0.5)
    net = nn.Sequential()
    for i in range(convs):
        net.add_module(f"conv{i}", nn.LazyConv2d(width, kernel, padding=2, bias=False))
        net.add_module(f"norm{i}", nn.BatchNorm2d(width))
        net.add_module(f"act{i}", nn.GELU())
    net.add_module("pool", nn.AdaptiveMaxPool2d(5))
    net.add_module("drop", nn.Dropout2d(rate / 2))
    net.add_module("flat", nn.Flatten())
    for i in range(hidden):
        net.add_module(f"fc{i}", nn.LazyLinear(size))
        net.add_module(f"fc_act{i}", nn.GELU())
        net.add_module(f"fc_drop{i}", nn.Dropout(rate))
    net.add_module("logits", nn.LazyLinear(10))
    return net


class _Run:
    def __init__(self, trial, data, device):
        self.trial = trial
        self.data = data
        self.device = torch.device(device)

    def loader(self, name, **options):
        return DataLoader(self.data[name], **options)

    def train(self, epochs):
        trial = self.trial
        batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])
        model = build_cnn(trial)
        model(torch.zeros(2, 1, 28, 28))
        model.to(self.device)
        lr = trial.suggest_loguniform("learning_rate", 1e-4, 1e-2)
        decay = trial.suggest_loguniform("weight_decay", 1e-6, 1e-2)
        name = trial.suggest_categorical("optimizer", ["Adam", "SGD", "RMSprop"])
        match name:
            case "Adam":
                optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=decay)
            case "SGD":
                optimizer = torch.optim.SGD(model.parameters(), lr=lr, weight_decay=decay)
            case _:
                optimizer = torch.optim.RMSprop(model.parameters(), lr=lr, weight_decay=decay)
        accuracies = []
        for epoch in range(epochs):
            model.train(True)
            for batch in self.loader("train", batch_size=batch_size, shuffle=True):
                images, labels = (part.to(self.device) for part in batch)
                loss = nn.functional.cross_entropy(model(images), labels)
                model.zero_grad()
                loss.backward()
                optimizer.step()
            accuracies.append(self.measure(model.train(False)))
            trial.report(accuracies[-1].item(), epoch)
            if epoch + 1 < epochs and trial.should_prune():
                raise optuna.TrialPruned()
        return accuracies[-1]

    @torch.no_grad()
    def measure(self, model):
        hits = [
            model(x.to(self.device)).argmax(1).cpu() == y
            for x, y in self.loader("val", batch_size=50)
        ]
        return torch.cat(hits).double().mean()


def objective(trial, train_set, val_set, *, epochs, device):
    return _Run(trial, {"train": train_set, "val": val_set}, device).train(epochs)


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=4)
    options = {"sampler": sampler, "pruner": optuna.pruners.MedianPruner(n_warmup_steps=3)}
    study = None
    if storage is not None:
        if isinstance(storage, str):
            storage = optuna.storages.RDBStorage(storage)
        try:
            study = optuna.load_study(study_name=study_name, storage=storage, **options)
        except KeyError:
            pass
    if study is None:
        study = optuna.create_study(
            study_name=study_name, storage=storage, direction="maximize", **options
        )
    done = [t for t in study.trials if t.state.name in {"COMPLETE", "PRUNED"}]
    missing = n_trials - len(done)
    if missing > 0:
        study.optimize(objective, n_trials=missing)
    return study
