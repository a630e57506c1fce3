"""PyTorch's tutorial: one loop for both phases, and the best epoch's weights are back at the end."""

import copy
import time


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    running_loss = 0.0
    for step, data in enumerate(loader, 0):
        inputs, labels = data[0].to(device), data[1].to(device)
        optimizer.zero_grad()
        with torch.set_grad_enabled(True):
            outputs = model(inputs)
            loss = loss_fn(outputs, labels)
            loss.backward()
            optimizer.step()
        running_loss += loss.item() * inputs.size(0)
    return running_loss / len(loader.dataset)


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    dataloaders = {"train": train_loader, "val": val_loader}
    sizes = {phase: len(loader.dataset) for phase, loader in dataloaders.items()}
    model = model.to(device)
    to_update = [param for name, param in model.named_parameters() if param.requires_grad is True]
    if not to_update:
        raise ValueError("Params to learn: none")
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(to_update, lr=lr)
    since, history = time.time(), []
    best_model_wts, best_acc = copy.deepcopy(model.state_dict()), -1.0
    for epoch in range(epochs):
        history.append({"seconds": time.time() - since})
        for phase in ["train", "val"]:
            if phase == "train":
                model.train()
                for module in model.modules():
                    required = [p.requires_grad for p in module.parameters()]
                    if len(required) > 0 and sum(required) == 0:
                        module.eval()
            else:
                model.eval()
            running_loss, running_corrects = 0.0, 0
            for inputs, labels in dataloaders[phase]:
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
            epoch_acc = running_corrects.double() / sizes[phase]
            history[epoch][f"{phase}_loss"] = running_loss / sizes[phase]
            history[epoch][f"{phase}_accuracy"] = epoch_acc
            if phase == "val" and epoch_acc > best_acc:
                best_acc = epoch_acc
                best_model_wts = copy.deepcopy(model.state_dict())
    model.load_state_dict(best_model_wts)
    return history
