"""Asks whether to prune before it reports the epoch, and so an epoch late.

Fails: 07.objective.trial_pruned
"""


def objective(trial, train_set, val_set, *, epochs, device):
    model = build_cnn(trial).to(device)
    lr = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
    weight_decay = trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True)
    optimizer_class = getattr(
        torch.optim, trial.suggest_categorical("optimizer", ["Adam", "SGD", "RMSprop"])
    )
    batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])
    optimizer = optimizer_class(model.parameters(), lr=lr, weight_decay=weight_decay)
    train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=batch_size)
    accuracy = 0.0
    for epoch in range(epochs):
        model.train()
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images.to(device)), labels.to(device))
            loss.backward()
            optimizer.step()
        accuracy = _accuracy(model, val_loader, device)
        if trial.should_prune():
            raise optuna.TrialPruned
        trial.report(accuracy, epoch)
    return accuracy
