"""No DataLoader: stacked tensors and permutations; a table of spaces; the sampler seeded by progress."""

import functools

SPACES = {
    "num_conv_layers": ("int", 1, 3),
    "num_filters": ("categorical", [16, 32, 64, 128]),
    "kernel_size": ("categorical", [3, 5]),
    "num_fc_layers": ("int", 1, 3),
    "fc_layer_size": ("categorical", [64, 128, 256]),
    "dropout": ("float", 0.2, 0.5),
    "learning_rate": ("float", 1e-4, 1e-2),
    "weight_decay": ("float", 1e-6, 1e-2),
    "optimizer": ("categorical", ["SGD", "Adam", "RMSprop"]),
    "batch_size": ("categorical", [32, 64, 128]),
}
LOG = {"learning_rate", "weight_decay"}


def _draw(trial, name):
    kind, *space = SPACES[name]
    options = {"log": True} if name in LOG else {}
    return getattr(trial, f"suggest_{kind}")(name, *space, **options)


def build_cnn(trial):
    p = {name: _draw(trial, name) for name in list(SPACES)[:6]}
    convs = []
    for i in range(p["num_conv_layers"]):
        convs += [
            nn.Conv2d(p["num_filters"] if i else 1, p["num_filters"], p["kernel_size"]),
            nn.ELU(),
        ]
    convs += [nn.AdaptiveMaxPool2d((3, 4)), nn.Flatten(1), nn.Dropout1d(p["dropout"])]
    width = 12 * p["num_filters"]
    for _ in range(p["num_fc_layers"]):
        convs += [nn.Linear(width, p["fc_layer_size"]), nn.ELU(), nn.Dropout(p=p["dropout"])]
        width = p["fc_layer_size"]
    model = nn.Sequential(*convs, nn.Linear(width, 10))
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        else:
            nn.init.kaiming_normal_(parameter)
    nn.init.xavier_uniform_(model[-1].weight)
    return model


def _stacked(dataset, device):
    images, labels = zip(*(dataset[index] for index in range(len(dataset))))
    return torch.stack(images).to(device), torch.tensor([int(y) for y in labels]).to(device)


def objective(trial, train_set, val_set, *, epochs, device):
    x, y = _stacked(train_set, device)
    val_x, val_y = _stacked(val_set, device)
    model = build_cnn(trial).to(device)
    make = functools.partial(getattr(torch.optim, _draw(trial, "optimizer")), model.parameters())
    optimizer = make(lr=_draw(trial, "learning_rate"), weight_decay=_draw(trial, "weight_decay"))
    batch_size = _draw(trial, "batch_size")
    history = []
    while len(history) < epochs:
        model.train()
        for index in torch.randperm(len(x)).split(batch_size):
            index = index.to(device)
            loss = nn.CrossEntropyLoss()(model(x[index]), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            right = sum(
                int(model(a).argmax(1).eq(b).sum())
                for a, b in zip(val_x.split(200), val_y.split(200))
            )
        history.append(right / len(val_y))
        trial.report(history[-1], len(history))
        match trial.should_prune():
            case True:
                raise optuna.exceptions.TrialPruned
    return history[-1]


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    study = optuna.create_study(
        direction="maximize",
        pruner=optuna.pruners.PercentilePruner(50.0),
        storage=optuna.storages.get_storage(storage),
        study_name=study_name,
        load_if_exists=True,
    )
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    for _ in range(n_trials):
        finished = study.get_trials(deepcopy=False, states=FINISHED)
        if len(finished) < n_trials:
            study.optimize(objective, n_trials=1, catch=(ArithmeticError,))
    return study
