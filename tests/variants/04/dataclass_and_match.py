"""A dataclass adds up in float64, a context manager switches the mode, `match` takes the batch apart."""

import contextlib
import dataclasses


@dataclasses.dataclass
class _Sums:
    loss: torch.Tensor = dataclasses.field(
        default_factory=lambda: torch.zeros(1, dtype=torch.double)
    )
    right: int = 0
    count: int = 0

    def add(self, logits, labels, losses):
        self.loss += losses.detach().double().sum().cpu()
        self.right += torch.count_nonzero(logits.argmax(dim=-1).cpu() == labels.cpu()).item()
        self.count += labels.shape[0]

    def report(self, name):
        return {
            f"{name}_loss": float(self.loss) / self.count,
            f"{name}_accuracy": self.right / self.count,
        }


def _batches(loader, device):
    for batch in loader:
        match batch:
            case [images, labels]:
                yield images.to(device, copy=True), labels.to(device, torch.long)


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    sums = _Sums()
    was = model.training
    try:
        for images, labels in _batches(loader, device):
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        parameter.grad.zero_()
            logits = model(images)
            mean = loss_fn(logits, labels)
            torch.autograd.backward([mean])
            optimizer.step()
            sums.add(logits, labels, mean.expand(len(labels)))
    finally:
        assert model.training == was
    return sums.report("train")["train_loss"]


@contextlib.contextmanager
def _mode(model, training):
    flags = [(module, module.training) for module in model.modules()]
    model.train(training)
    with torch.set_grad_enabled(training):
        yield
    for module, flag in flags:
        module.training = flag


def _rest(model):
    for module in model.modules():
        match [parameter.requires_grad for parameter in module.parameters()]:
            case []:
                continue
            case flags if not any(flags):
                module.train(False)


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    match [parameter for parameter in model.parameters() if parameter.requires_grad]:
        case []:
            raise ValueError("there is nothing to train")
        case trainable:
            model.to(device)
            optimizer = torch.optim.Adam(trainable, lr=lr, betas=(0.9, 0.999), eps=1e-8)
    per_sample = nn.CrossEntropyLoss(reduction="none")
    history = []
    for _ in range(epochs):
        train, val = _Sums(), _Sums()
        with _mode(model, True):
            _rest(model)
            for images, labels in _batches(train_loader, device):
                losses = per_sample(model(images), labels)
                optimizer.zero_grad()
                losses.mean().backward()
                optimizer.step()
                train.add(torch.zeros(len(labels), 2), labels, losses)
        with _mode(model, False):
            for images, labels in _batches(val_loader, device):
                logits = model(images)
                val.add(logits, labels, per_sample(logits, labels))
        history.append({**train.report("train"), **val.report("val")})
    return history
