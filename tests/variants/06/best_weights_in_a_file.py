"""PyTorch's tutorial in both phases: the weights of the best accuracy are kept in a file."""

import os
from tempfile import TemporaryDirectory


def _run(model, train_loader, val_loader, optimizer, epochs, phase, device):
    rows, best_acc = [], 0.0
    with TemporaryDirectory() as tempdir:
        best_model_params_path = os.path.join(tempdir, "best_model_params.pt")
        torch.save(model.state_dict(), best_model_params_path)
        for _ in range(epochs):
            rows += _train(model, train_loader, val_loader, optimizer, 1, device, phase)
            if rows[-1]["val_accuracy"] > best_acc:
                best_acc = rows[-1]["val_accuracy"]
                torch.save(model.state_dict(), best_model_params_path)
        model.load_state_dict(torch.load(best_model_params_path, weights_only=True))
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
    children = [name for name, _ in model.named_children()]
    if not head or head not in dict(model.named_modules()) or unfreeze not in children:
        raise ValueError(f"no {head} or no {unfreeze}")
    model.to(device=device)
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    groups = parameter_groups(model, head, head_lr, backbone_lr)
    optimizer = torch.optim.SGD(groups, momentum=0.9)
    history = _run(model, train_loader, val_loader, optimizer, head_epochs, "head", device)
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    groups = parameter_groups(model, head, head_lr, backbone_lr)
    optimizer = torch.optim.SGD(groups, momentum=0.9)
    return history + _run(model, train_loader, val_loader, optimizer, full_epochs, "full", device)
