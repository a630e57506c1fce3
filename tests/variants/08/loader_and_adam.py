"""Features once, then a head with Dropout from a seeded loader, Adam, a dict of all parts."""

from torch.utils.data import DataLoader, TensorDataset


class Pipeline(nn.Module):
    def __init__(self, **parts):
        super().__init__()
        self.parts = nn.ModuleDict(parts)

    def embed(self, images):
        rgb = torch.stack([images] * 3, dim=1)
        return self.parts["body"](self.parts["transforms"](rgb)).flatten(1)

    def forward(self, images):
        return self.parts["head"](self.embed(images))


def train_classifier(images, labels, *, backbone, device, seed):
    entry = get_model_weights(backbone)["DEFAULT"]
    body = get_model(backbone, weights="DEFAULT").requires_grad_(False)
    names = [name for name, module in body.named_modules() if isinstance(module, nn.Linear)]
    owner = body.get_submodule(".".join(names[-1].split(".")[:-1]))
    setattr(owner, names[-1].split(".")[-1], nn.Sequential())
    pipeline = Pipeline(transforms=entry.transforms(), body=body.eval()).to(device)
    with torch.inference_mode():
        chunks = [pipeline.embed(chunk.to(device)) for chunk in torch.chunk(images, 10)]
    table = TensorDataset(torch.cat(chunks).clone(), labels.to(device))
    order = torch.Generator()
    order.manual_seed(seed)
    loader = DataLoader(table, batch_size=64, shuffle=True, generator=order)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        width = table.tensors[0].shape[1]
        head = nn.Sequential(nn.BatchNorm1d(width), nn.Dropout(0.3), nn.Linear(width, 10))
        head.to(device)
        optimizer = torch.optim.Adam(head.parameters(), lr=2e-3, weight_decay=1e-3)
        for epoch in range(15):
            for x, y in loader:
                loss = nn.CrossEntropyLoss()(head(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    pipeline.parts["head"] = head
    pipeline.eval()
    return pipeline
