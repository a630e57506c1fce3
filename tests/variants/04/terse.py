"""As short as it gets: generators, a fold, a tensor that still has its graph as the result."""

from functools import reduce


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    def step(x, y):
        optimizer.zero_grad()
        (loss := loss_fn(model(x.to(device)), y.to(device))).backward(retain_graph=False)
        optimizer.step()
        return loss * len(y)

    return sum(step(*batch) for batch in loader) / sum(len(y) for _, y in loader)


def _set_mode(module, below=False):
    frozen = [not p.requires_grad for p in module.parameters()]
    still = below or (bool(frozen) and all(frozen))
    module.training = not still
    for child in module.children():
        _set_mode(child, still)
    return module


@torch.no_grad()
def _measure(model, loader, device):
    batches = ((model.eval()(x.to(device)), y.to(device)) for x, y in loader)
    parts = [
        (nn.functional.cross_entropy(z, y, reduction="sum"), z.argmax(1).eq(y).sum(), len(y))
        for z, y in batches
    ]
    loss, right, count = reduce(lambda a, b: [x + y for x, y in zip(a, b)], parts)
    return {"val_loss": loss / count, "val_accuracy": right / count}


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    if not (params := [p for p in model.to(device).parameters() if p.requires_grad]):
        raise ValueError
    optimizer = torch.optim.Adam(params, lr)
    loss = torch.nn.functional.cross_entropy
    return [
        {"train_loss": train_one_epoch(_set_mode(model), train_loader, loss, optimizer, device)}
        | _measure(model, val_loader, device)
        for _ in range(epochs)
    ]
