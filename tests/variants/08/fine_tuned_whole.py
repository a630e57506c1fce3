"""Everything is trained, in training mode, with AdamW, a head rate of its own and v2 transforms."""

import random

import numpy as np
from torchvision.transforms import v2


def _seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Net(nn.Module):
    def __init__(self, name):
        super().__init__()
        weights = get_model_weights(name).DEFAULT
        self.net = get_model(name, weights=weights)
        self.prepare = weights.transforms()
        path = [n for n, m in self.net.named_modules() if isinstance(m, nn.Linear)].pop()
        old = self.net.get_submodule(path)
        self.head = nn.Linear(old.in_features, 10)
        *parents, attribute = path.split(".")
        parent = self.net
        for step in parents:
            parent = getattr(parent, step)
        setattr(parent, attribute, self.head)

    def forward(self, images):
        return self.net(self.prepare(images.reshape(-1, 1, 28, 28).expand(-1, 3, 28, 28)))


def train_classifier(images, labels, *, backbone, device, seed):
    _seed_everything(seed)
    net = Net(backbone).to(device)
    flip = v2.RandomHorizontalFlip()
    new = list(map(id, net.head.parameters()))
    old = [p for p in net.parameters() if id(p) not in new]
    optimizer = torch.optim.AdamW(
        [{"params": net.head.parameters(), "lr": 3e-3}, {"params": old, "lr": 5e-4}]
    )
    size, epochs = 30, 10
    total = epochs * max(1, len(images) // size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    for epoch in range(epochs):
        net.train()
        order = np.random.permutation(len(images))
        for start in range(0, len(order) - len(order) % size or len(order), size):
            index = torch.from_numpy(order[start : start + size])
            batch, target = flip(images[index]).to(device), labels[index].to(device)
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(net(batch), target).backward()
            optimizer.step()
            schedule.step()
    net.train(False)
    return net
