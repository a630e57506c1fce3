"""Ridge regression in closed form on the frozen features; no optimizer, no epochs, buffers only."""


class Ridge(nn.Module):
    def __init__(self, extract, weight, bias):
        super().__init__()
        self.extract = extract
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)

    def forward(self, images):
        return torch.addmm(self.bias, self.extract(images).double(), self.weight).float()


class Extract(nn.Module):
    def __init__(self, name):
        super().__init__()
        entry = get_model_weights(name).DEFAULT
        self.network = get_model(name, weights=entry)
        self.transform = entry.transforms()
        *_, last = (m for m in self.network.modules() if isinstance(m, nn.Linear))
        self.seen = {}
        last.register_forward_pre_hook(lambda module, inputs: self.seen.update(x=inputs[0]))

    def forward(self, images):
        self.network(self.transform(images.unsqueeze(1).repeat(1, 3, 1, 1)))
        return self.seen.pop("x")


@torch.no_grad()
def train_classifier(images, labels, *, backbone, device, seed):
    extract = Extract(backbone).to(device).eval()
    x = torch.vstack([extract(part.to(device)) for part in images.split(128)]).double()
    y = torch.eye(10, dtype=torch.double)[labels].to(device)
    x_mean, y_mean = x.mean(0), y.mean(0)
    x, y = x - x_mean, y - y_mean
    penalty = 0.1 * x.square().sum() / x.shape[1] * torch.eye(x.shape[1], device=x.device)
    weight = torch.linalg.solve(x.T @ x + penalty, x.T @ y)
    return Ridge(extract, weight, y_mean - x_mean @ weight).eval()
