"""One AdamW for both phases, over everything, with generators as groups; inference mode."""

import itertools


def parameter_groups(model, head, head_lr, backbone_lr):
    def trainable(inside):
        return (
            p
            for n, p in model.named_parameters()
            if p.requires_grad and (f"{n}.".startswith(f"{head}.")) == inside
        )

    for inside, lr in ((False, backbone_lr), (True, head_lr)):
        first = next(trainable(inside), None)
        if first is not None:
            rest = itertools.islice(trainable(inside), 1, None)
            yield {"params": itertools.chain([first], rest), "lr": lr}


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
    modules, names = dict(model.named_modules()), [n for n, _ in model.named_children()]
    if head not in modules:
        raise ValueError(head)
    if unfreeze not in names:
        raise ValueError(unfreeze)
    model.to(device)
    in_head = {p for p in modules[head].parameters()}
    body = [p for p in model.parameters() if p not in in_head]
    groups = [{"params": list(in_head), "lr": head_lr}, {"params": body, "lr": backbone_lr}]
    optimizer = torch.optim.AdamW([g for g in groups if g["params"]], weight_decay=0.01)
    late = {p for n in names[names.index(unfreeze) :] for p in model._modules[n].parameters()}
    history = []
    for epoch in range(head_epochs + full_epochs):
        full = epoch >= head_epochs
        for p in model.parameters():
            p.requires_grad_(p in in_head or (full and p in late))
            p.grad = None
        model.train()
        for module in model.modules():
            states = {p.requires_grad for p in module.parameters()}
            if states == {False}:
                module.eval()
        losses = []
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            loss = nn.CrossEntropyLoss(reduction="none")(model(x), y)
            losses += loss.tolist()
            loss.mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        with torch.inference_mode():
            logits = torch.cat([model(x.to(device)).cpu() for x, _ in val_loader])
            truth = torch.cat([y for _, y in val_loader])
            history.append(
                dict(
                    phase="full" if full else "head",
                    train_loss=sum(losses) / len(losses),
                    val_loss=nn.functional.cross_entropy(logits, truth),
                    val_accuracy=(logits.argmax(-1) == truth).double().mean(),
                )
            )
    return history
