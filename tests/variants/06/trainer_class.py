"""A class with a schedule per phase, clipped gradients, named parameters in the groups."""

from collections import defaultdict


def parameter_groups(model, head, head_lr, backbone_lr):
    sorted_by_rate = defaultdict(list)
    own = set(map(id, model.get_submodule(head).parameters()))
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        sorted_by_rate["head" if id(parameter) in own else "backbone"].append(parameter)
    rates = {"head": head_lr, "backbone": backbone_lr}
    return [{"params": ps, "lr": rates[key], "name": key} for key, ps in sorted_by_rate.items()]


class _Trainer:
    def __init__(self, model, loaders, device):
        self.model = model.to(device)
        self.loaders = loaders
        self.device = device
        self.history = []

    def run(self, phase, epochs, groups):
        if not epochs:
            return
        optimizer = torch.optim.RMSprop(groups)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
        for _ in range(epochs):
            self.model.eval()
            for module in self.model.modules():
                if any(p.requires_grad for p in module.parameters()):
                    for part in module.modules():
                        if not list(part.parameters()):
                            part.train()
            for module in self.model.modules():
                trains = [p.requires_grad for p in module.parameters()]
                if trains:
                    module.training = any(trains)
                    if not any(trains):
                        module.eval()
            row = {"phase": phase, "lr": optimizer.param_groups[0]["lr"]}
            row["train_loss"], _ = self.sweep(self.loaders[0], optimizer)
            self.model.eval()
            with torch.no_grad():
                row["val_loss"], row["val_accuracy"] = self.sweep(self.loaders[1])
            schedule.step()
            self.history.append(row)

    def sweep(self, loader, optimizer=None):
        loss_fn = nn.CrossEntropyLoss()
        total = right = 0.0
        count = 0
        for batch in loader:
            images, labels = (part.to(self.device, non_blocking=True) for part in batch)
            logits = self.model(images)
            loss = loss_fn(logits, labels)
            if optimizer is not None:
                optimizer.zero_grad(set_to_none=False)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1000.0)
                optimizer.step()
            size = images.size(0)
            total += float(loss.detach()) * size
            right += float(logits.detach().argmax(1).eq(labels).sum())
            count += size
        return total / count, right / count


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
    order = [name for name, _ in model.named_children()]
    for name, known in ((head, [n for n, _ in model.named_modules()]), (unfreeze, order)):
        if name not in known:
            raise ValueError(f"{name!r} is none of {known}")
    trainer = _Trainer(model, (train_loader, val_loader), device)
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith(head + ".")
    trainer.run("head", head_epochs, parameter_groups(model, head, head_lr, backbone_lr))
    for name in reversed(order):
        for p in getattr(model, name).parameters():
            p.requires_grad = True
        if name == unfreeze:
            break
    trainer.run("full", full_epochs, parameter_groups(model, head, head_lr, backbone_lr))
    return trainer.history
