"""PyTorch's tutorial: SGD with momentum, a step schedule, the best weights of each phase come back."""

import copy


def parameter_groups(model, head, head_lr, backbone_lr):
    head_params, backbone_params = [], []
    for name, param in model.named_parameters():
        if not param.requires_grad:
            continue
        if name == head or name.startswith(f"{head}."):
            head_params.append(param)
        else:
            backbone_params.append(param)
    groups = []
    if head_params:
        groups.append({"params": head_params, "lr": head_lr, "momentum": 0.9})
    if backbone_params:
        groups.append({"params": backbone_params, "lr": backbone_lr, "momentum": 0.9})
    return groups


def _train_model(
    model, dataloaders, criterion, optimizer, scheduler, num_epochs, phase_name, device
):
    best_wts, best_loss, rows = copy.deepcopy(model.state_dict()), float("inf"), []
    for _ in range(num_epochs):
        row = {"phase": phase_name}
        for phase in ("train", "val"):
            model.train(phase == "train")
            for module in model.modules():
                if len(list(module.parameters())) and not any(
                    p.requires_grad for p in module.parameters()
                ):
                    module.eval()
            running_loss, running_corrects, seen = 0.0, 0, 0
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
                seen += inputs.size(0)
            if phase == "train":
                scheduler.step()
            row[f"{phase}_loss"] = running_loss / seen
            row[f"{phase}_accuracy"] = running_corrects.double() / seen
        if row["val_loss"] < best_loss:
            best_loss, best_wts = row["val_loss"], copy.deepcopy(model.state_dict())
        rows.append(row)
    model.load_state_dict(best_wts)
    return rows


def fine_tune(
    model,
    train_loader,
    val_loader,
    *,
    head,
    unfreeze,
    head_epochs,
    full_epochs,
    head_lr,
    backbone_lr,
    device,
):
    child_names = [name for name, _ in model.named_children()]
    try:
        head_module = model.get_submodule(head)
        first = child_names.index(unfreeze)
    except (AttributeError, ValueError):
        raise ValueError(f"no {head!r} or no {unfreeze!r} in the model") from None
    model = model.to(device)
    dataloaders, history = {"train": train_loader, "val": val_loader}, []
    for param in model.parameters():
        param.requires_grad = False
    for param in head_module.parameters():
        param.requires_grad = True
    for phase, num_epochs in {"head": head_epochs, "full": full_epochs}.items():
        if phase == "full":
            for name in child_names[first:]:
                for param in getattr(model, name).parameters():
                    param.requires_grad = True
        groups = parameter_groups(model, head, head_lr, backbone_lr)
        optimizer = torch.optim.SGD(groups, lr=head_lr, momentum=0.9)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
        history += _train_model(
            model,
            dataloaders,
            nn.CrossEntropyLoss(),
            optimizer,
            scheduler,
            num_epochs,
            phase,
            device,
        )
    return history
