"""The preset's numbers in transforms of its own, a hook for the features, and an SGD head."""

from torchvision.transforms import v2


class Pipeline(nn.Module):
    def __init__(self, name):
        super().__init__()
        entry = get_model_weights(name).DEFAULT
        preset = entry.transforms()
        self.transforms = v2.Compose(
            [
                v2.Resize(preset.resize_size, interpolation=preset.interpolation),
                v2.CenterCrop(preset.crop_size),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(preset.mean, preset.std),
            ]
        )
        self.net = get_model(name, weights=entry).eval()
        last = [m for m in self.net.modules() if isinstance(m, nn.Linear)][-1]
        last.register_forward_pre_hook(lambda module, inputs: self.seen.append(inputs[0]))
        self.seen = []
        self.norm = nn.BatchNorm1d(last.in_features)
        self.head = nn.Linear(last.in_features, 10)

    def embed(self, images):
        rgb = torch.stack((images, images, images), 1)
        self.net(self.transforms(rgb))
        return self.seen.pop()

    def forward(self, images):
        return self.head(self.norm(self.embed(images)))


def train_classifier(images, labels, *, backbone, device, seed):
    torch.manual_seed(seed)
    model = Pipeline(backbone).to(device)
    with torch.no_grad():
        table = torch.cat([model.embed(part.to(device)) for part in images.split(128)])
    labels = labels.to(device)
    parameters = [*model.norm.parameters(), *model.head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9, weight_decay=1e-3)
    model.norm.train()
    for _ in range(30):
        for chosen in torch.randperm(len(table)).split(max(2, len(table) // 10)):
            if len(chosen) < 2:
                continue
            loss = F.cross_entropy(model.head(model.norm(table[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()
