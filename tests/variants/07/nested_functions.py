"""Nested functions and closures, average pooling to the end, Optuna's own objects for the spaces."""

from optuna.pruners import MedianPruner
from optuna.samplers import TPESampler
from optuna.trial import TrialState


def build_cnn(trial):
    def ask(name, *values):
        return trial.suggest_categorical(name, list(values))

    def convolution(inputs, outputs, kernel):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, (kernel, kernel), padding=(kernel - 1) // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.Hardswish(),
            nn.AvgPool2d(2, ceil_mode=True),
        )

    def dense(inputs, outputs, rate):
        return nn.Sequential(
            nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.Hardswish(), nn.Dropout(rate)
        )

    depth, filters = ask("num_conv_layers", 1, 2, 3), ask("num_filters", 16, 32, 64, 128)
    kernel, layers = ask("kernel_size", 3, 5), ask("num_fc_layers", 1, 2, 3)
    size, rate = ask("fc_layer_size", 64, 128, 256), trial.suggest_float("dropout", 0.2, 0.5)
    channels = [1] + depth * [filters]
    widths = [filters * {1: 14, 2: 7, 3: 4}[depth] ** 2] + layers * [size]
    return nn.Sequential(
        *map(convolution, channels, channels[1:], depth * [kernel]),
        nn.Flatten(),
        *map(dense, widths, widths[1:], layers * [rate]),
        nn.Linear(size, 10),
    )


def objective(trial, train_set, val_set, *, epochs, device):
    net = build_cnn(trial)
    net = net.to(device)
    optimizer = getattr(
        torch.optim, trial.suggest_categorical("optimizer", ["Adam", "SGD", "RMSprop"])
    )(
        [{"params": net.parameters()}],
        lr=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
    )
    batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])

    def batches(dataset, *, shuffle):
        for images, labels in DataLoader(dataset, batch_size, shuffle=shuffle):
            yield images.to(device), labels.to(device)

    def learn():
        net.train()
        for images, labels in batches(train_set, shuffle=True):
            net.zero_grad()
            loss = nn.functional.cross_entropy(net(images), labels)
            loss.backward()
            optimizer.step()

    def validate():
        net.eval()
        with torch.no_grad():
            for images, labels in batches(val_set, shuffle=False):
                yield from (net(images).argmax(dim=1) == labels).tolist()

    for epoch in range(epochs):
        learn()
        answers = list(validate())
        trial.report(answers.count(True) / len(answers), epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return sum(answers) / len(answers)


def run_study(objective, n_trials, *, seed, storage=None, study_name="fashion"):
    def new(**where):
        sampler = TPESampler(seed=seed, multivariate=False)
        return optuna.create_study(
            sampler=sampler, pruner=MedianPruner(n_startup_trials=4), direction="maximize", **where
        )

    if storage is None:
        study = new(study_name=study_name)
    else:
        try:
            study = new(study_name=study_name, storage=storage)
        except optuna.exceptions.DuplicatedStudyError:
            study = new(study_name=study_name, storage=storage, load_if_exists=True)
    done = [
        t for t in study.trials if t.state == TrialState.COMPLETE or t.state == TrialState.PRUNED
    ]
    if len(done) >= n_trials:
        return study
    callback = optuna.study.MaxTrialsCallback(n_trials, (TrialState.COMPLETE, TrialState.PRUNED))
    study.optimize(objective, callbacks=[callback], n_jobs=1)
    return study
