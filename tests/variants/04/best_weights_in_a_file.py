"""PyTorch's tutorial: the weights of the best accuracy, from 0 on, are kept in a file."""

import os
from tempfile import TemporaryDirectory


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses, sizes = [], []
    for batch in loader:
        inputs, labels = (part.to(device) for part in batch)
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        sizes.append(len(labels))
    weights = torch.tensor(sizes).type_as(losses[0])
    return ((torch.stack(losses) * weights).sum() / weights.sum()).cpu().numpy()


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    to_update = [param for param in model.parameters() if param.requires_grad]
    if not to_update:
        raise ValueError("Params to learn: none")
    model = model.to(device=device)
    criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(to_update, lr=lr)
    history = []
    with TemporaryDirectory() as tempdir:
        best_model_params_path = os.path.join(tempdir, "best_model_params.pt")
        torch.save(model.state_dict(), best_model_params_path)
        best_acc = 0.0
        for _ in range(epochs):
            row = {}
            for phase, loader in (("train", train_loader), ("val", val_loader)):
                if phase == "train":
                    _set_train_mode(model)
                else:
                    model.eval()
                running_loss, running_corrects = 0.0, 0
                for inputs, labels in loader:
                    inputs, labels = inputs.to(device), labels.to(device)
                    optimizer.zero_grad()
                    with torch.set_grad_enabled(phase == "train"):
                        outputs = model(inputs)
                        _, preds = torch.max(outputs, 1)
                        loss = criterion(outputs, labels)
                        if phase == "train":
                            loss.backward()
                            optimizer.step()
                    running_loss += loss.item() * inputs.size(0)
                    running_corrects += torch.sum(preds == labels.data)
                row[f"{phase}_loss"] = running_loss / len(loader.dataset)
                row[f"{phase}_accuracy"] = (running_corrects.double() / len(loader.dataset)).item()
            if row["val_accuracy"] > best_acc:
                best_acc = row["val_accuracy"]
                torch.save(model.state_dict(), best_model_params_path)
            history.append(row)
        model.load_state_dict(torch.load(best_model_params_path, weights_only=True))
    return history
