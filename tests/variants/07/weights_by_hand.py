"""Functional forward pass over two lists, LeakyReLU, momentum, warm-up, accuracy by bincount."""


class ConvNet(nn.Module):
    """Pools after each convolution while there is something left to pool."""

    def __init__(self, trial):
        super().__init__()
        filters = trial.suggest_categorical("num_filters", choices=[16, 32, 64, 128])
        kernel = trial.suggest_categorical("kernel_size", choices=[3, 5])
        size = trial.suggest_categorical("fc_layer_size", choices=[64, 128, 256])
        self.convs = nn.ParameterList()
        self.conv_biases = nn.ParameterList()
        inputs, side = 1, 28
        for _ in range(trial.suggest_int("num_conv_layers", low=1, high=3)):
            weight = torch.empty(filters, inputs, kernel, kernel)
            self.convs.append(nn.init.kaiming_uniform_(weight, a=0.1))
            self.conv_biases.append(torch.zeros(filters))
            inputs = filters
            side = max(1, (side - kernel + 1) // 2)
        self.dropout = nn.Dropout(trial.suggest_float("dropout", low=0.2, high=0.5, log=False))
        layers = [nn.LazyLinear(size)]
        layers.extend(
            nn.Linear(size, size) for _ in range(trial.suggest_int("num_fc_layers", 1, 3) - 1)
        )
        self.hidden = nn.ModuleList(layers)
        self.head = nn.Linear(size, 10)
        self.eval()(torch.zeros(1, 1, 28, 28))
        self.train()

    def forward(self, x):
        for weight, bias in zip(self.convs, self.conv_biases):
            x = nn.functional.conv2d(x, weight, bias, padding="same")
            x = nn.functional.leaky_relu(x, 0.1)
            if x.shape[-1] > 7:
                x = nn.functional.max_pool2d(x, 2)
        x = x.reshape(len(x), -1)
        for layer in self.hidden:
            x = self.dropout(nn.functional.leaky_relu(layer(x), 0.1))
        return self.head(x)


build_cnn = ConvNet


def objective(trial, train_set, val_set, *, epochs, device):
    model = build_cnn(trial).to(device)
    settings = (
        trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
    )
    optimizer_name = trial.suggest_categorical("optimizer", ["Adam", "RMSprop", "SGD"])
    batch_size = trial.suggest_categorical("batch_size", [128, 64, 32])
    if optimizer_name == "Adam":
        optimizer = torch.optim.Adam(model.parameters(), settings[0], weight_decay=settings[1])
    elif optimizer_name == "RMSprop":
        optimizer = torch.optim.RMSprop(
            model.parameters(), settings[0], weight_decay=settings[1], momentum=0.5
        )
    else:
        optimizer = torch.optim.SGD(
            model.parameters(), settings[0], momentum=0.9, weight_decay=settings[1]
        )
    warm_up = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=5)
    loaders = [
        DataLoader(s, batch_size=batch_size, shuffle=s is train_set) for s in (train_set, val_set)
    ]
    accuracies = {}
    for epoch in range(epochs):
        model.train()
        for images, labels in loaders[0]:
            optimizer.zero_grad()
            output = model(images.to(device))
            nn.CrossEntropyLoss()(output, labels.to(device)).backward()
            optimizer.step()
            warm_up.step()
        accuracies[epoch] = _accuracy_by_bincount(model, loaders[1], device)
        trial.report(accuracies[epoch], epoch)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return accuracies[max(accuracies)]


def _accuracy_by_bincount(model, loader, device):
    model.eval()
    counts = torch.zeros(2, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in loader:
            right = model(images.to(device)).argmax(dim=1).cpu() == labels
            counts += torch.bincount(right.long(), minlength=2)
    return counts[1].item() / counts.sum().item()


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        direction="maximize",
        load_if_exists=storage is not None,
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_warmup_steps=1),
        storage=storage,
        study_name=study_name,
    )

    class Stopper:
        def __call__(self, study, trial):
            if not self.missing(study):
                study.stop()

        @staticmethod
        def missing(study):
            names = [t.state.name for t in study.get_trials(deepcopy=False)]
            return max(0, n_trials - names.count("COMPLETE") - names.count("PRUNED"))

    stopper = Stopper()
    while stopper.missing(study):
        study.optimize(objective, callbacks=[stopper], n_trials=10)
    return study
