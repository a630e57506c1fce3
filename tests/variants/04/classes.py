"""A meter and a trainer, NumPy floats, `model.zero_grad()`, labels that stay on the CPU to be counted."""

import numpy as np


class Meter:
    def __init__(self):
        self.values, self.weights = [], []

    def add(self, value, weight):
        self.values.append(float(value))
        self.weights.append(weight)

    @property
    def mean(self):
        return np.average(self.values, weights=self.weights)


class Trainer:
    def __init__(self, model, device):
        self.model, self.device = model, torch.device(device)

    def step(self, images, labels, loss_fn, optimizer):
        self.model.zero_grad()
        outputs = self.model(images.to(device=self.device))
        loss = loss_fn(outputs, labels.to(device=self.device))
        loss.backward()
        optimizer.step()
        self.model.zero_grad()
        return loss.detach().cpu()

    def train(self, loader, loss_fn, optimizer):
        meter = Meter()
        for images, labels in loader:
            meter.add(self.step(images, labels, loss_fn, optimizer), images.shape[0])
        return meter.mean

    def validate(self, loader):
        self.model.train(False)
        losses, hits = Meter(), Meter()
        with torch.set_grad_enabled(False):
            for images, labels in loader:
                logits = self.model(images.to(self.device)).cpu()
                losses.add(nn.CrossEntropyLoss()(logits, labels), len(labels))
                hits.add(np.mean(logits.numpy().argmax(axis=1) == labels.numpy()), len(labels))
        return losses.mean, hits.mean


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    return Trainer(model, device).train(loader, loss_fn, optimizer)


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    parameters = list(filter(lambda p: p.requires_grad, model.parameters()))
    if len(parameters) == 0:
        raise ValueError("nothing to train")
    trainer = Trainer(model, device)
    optimizer = torch.optim.Adam([{"params": [p], "lr": lr} for p in parameters])
    columns = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        frozen = [
            module
            for module in model.modules()
            if [*module.parameters()] and all(not p.requires_grad for p in module.parameters())
        ]
        for module in frozen:
            module.train(mode=False)
        columns["train_loss"].append(trainer.train(train_loader, nn.CrossEntropyLoss(), optimizer))
        val_loss, val_accuracy = trainer.validate(val_loader)
        columns["val_loss"].append(val_loss)
        columns["val_accuracy"].append(val_accuracy)
    return [dict(zip(columns, row)) for row in zip(*columns.values())]
