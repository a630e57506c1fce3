"""The network moves by keyword, in channels_last, and warms up from a rate of 0."""


def objective(trial, train_set, val_set, *, epochs, device):
    torch.manual_seed(trial.number)
    device = torch.device(device)
    model = build_cnn(trial).to(device=device, memory_format=torch.channels_last)
    optimizers = {
        "Adam": torch.optim.Adam,
        "SGD": torch.optim.SGD,
        "RMSprop": torch.optim.RMSprop,
    }
    optimizer = optimizers[trial.suggest_categorical("optimizer", list(optimizers))](
        model.parameters(),
        lr=trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
        weight_decay=trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
    )
    batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 2))
    train_loader = DataLoader(train_set, batch_size, shuffle=True)
    val_loader = DataLoader(val_set, 1024)
    accuracy = 0.0
    for epoch in range(epochs):
        model.train()
        for images, labels in train_loader:
            images = images.to(device, memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(model(images), labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
        model.eval()
        right = torch.zeros((), device=device)
        with torch.inference_mode():
            for images, labels in val_loader:
                right += (model(images.to(device)).argmax(1) == labels.to(device)).sum()
        accuracy = (right / len(val_set)).item()
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned(f"after {epoch + 1} epochs")
    return accuracy
