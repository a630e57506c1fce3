"""The head first, then the last child that holds convolutions too; averaged weights at the end."""

import copy
from itertools import islice


def _cycle(count, size, seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield from torch.randperm(count, generator=generator).split(size)


def _fit(forward, parameters, data, *, steps, lr, seed):
    images, labels = data
    optimizer = torch.optim.RMSprop(parameters, lr=lr)
    for index in islice(_cycle(len(images), 40, seed), steps):
        optimizer.zero_grad()
        F.cross_entropy(forward(images[index]), labels[index]).backward()
        optimizer.step()


def train_classifier(images, labels, *, backbone, device, seed):
    weights = get_model_weights(backbone).DEFAULT
    network = get_model(backbone, weights=weights)
    network.requires_grad_(False)
    where = max(i for i, m in enumerate(network.modules()) if isinstance(m, nn.Linear))
    name = list(dict(network.named_modules()))[where]
    head = nn.Linear(network.get_submodule(name).in_features, 10, bias=True)
    nn.init.constant_(head.weight, 0.0)
    nn.init.constant_(head.bias, 0.0)
    parent, _, child = name.rpartition(".")
    setattr(network.get_submodule(parent), child, nn.Identity())

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.network, self.head, self.transforms = network, head, weights.transforms()

        def forward(self, images):
            x = self.transforms(images.view(-1, 1, 28, 28).repeat(1, 3, 1, 1))
            return self.head(self.network(x).flatten(1))

    model = Model().to(device)
    model.eval()
    pixels, targets = images.to(device), labels.to(device)
    with torch.no_grad():
        features = torch.cat(
            [network(model.transforms(b[:, None].repeat(1, 3, 1, 1))) for b in pixels.split(100)]
        )
    _fit(head, head.parameters(), (features, targets), steps=300, lr=1e-3, seed=seed)
    deep = [m for m in network.children() if any(isinstance(s, nn.Conv2d) for s in m.modules())][-1]
    for parameter in deep.parameters():
        parameter.requires_grad = True
    start = copy.deepcopy(model.state_dict())
    trainable = [p for p in model.parameters() if p.requires_grad]
    _fit(model, trainable, (pixels, targets), steps=30, lr=1e-5, seed=seed + 1)
    averaged = {
        k: (v + start[k]) / 2 if v.is_floating_point() else v for k, v in model.state_dict().items()
    }
    model.load_state_dict(averaged)
    return model
