"""A small MLP on log-softmaxed features' scores, SGD with momentum, `match`, averages of two views."""

from functools import partial


def _scores(network, transform, images):
    views = [transform(v[:, None].expand(-1, 3, -1, -1)) for v in (images, images.flip(2))]
    return sum(network(view) for view in views) / 2


class TwoViews(nn.Module):
    def __init__(self, network, transform):
        super().__init__()
        self.network, self.transform = network, transform
        self.head = None

    def forward(self, images):
        scores = _scores(self.network, self.transform, images)
        match self.head:
            case None:
                return scores
            case head:
                return head(scores).log_softmax(dim=-1)


def _chop(network):
    linear = {module: name for name, module in network.named_modules()}
    *_, module = (m for m in linear if isinstance(m, nn.Linear))
    parent, dot, child = linear[module].rpartition(".")
    setattr(network.get_submodule(parent), child, nn.Identity())
    return network


def train_classifier(images, labels, *, backbone, device, seed):
    draw = torch.Generator().manual_seed(seed)
    entry = get_model_weights(backbone).DEFAULT
    model = TwoViews(_chop(get_model(backbone, weights=entry)), entry.transforms())
    model = model.to(device).eval()
    with torch.no_grad():
        scores = torch.cat(list(map(model, images.to(device).split(64))))
    width = scores.shape[1]
    norm = nn.BatchNorm1d(width, affine=False, momentum=None).to(device)
    norm(scores)
    hidden = nn.Linear(width, 128)
    last = nn.Linear(128, 10)
    for layer, spread in ((hidden, width**-0.5), (last, 0.0)):
        nn.init.normal_(layer.weight, std=max(spread, 1e-3), generator=draw)
        nn.init.zeros_(layer.bias)
    head = nn.Sequential(norm, hidden, nn.GELU(), last).to(device)
    head[0].eval()
    sgd = partial(torch.optim.SGD, momentum=0.9, nesterov=True, weight_decay=5e-3)
    optimizer = sgd(head.parameters(), lr=0.05)
    for epoch in range(25):
        for index in torch.randperm(len(scores), generator=draw).split(50):
            loss = nn.NLLLoss()(head(scores[index]).log_softmax(1), labels[index].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.head = head.eval()
    return model
