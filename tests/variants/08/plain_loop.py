"""What a beginner writes: the last Linear replaced, all else frozen, ten lines of loop."""


class Garments(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        weights = get_model_weights(backbone).DEFAULT
        self.transforms = weights.transforms()
        self.network = get_model(backbone, weights=weights)
        for parameter in self.network.parameters():
            parameter.requires_grad = False
        for name, module in self.network.named_modules():
            if isinstance(module, nn.Linear):
                last = name
        inputs = self.network.get_submodule(last).in_features
        parent = self.network
        for part in last.split(".")[:-1]:
            parent = getattr(parent, part)
        setattr(parent, last.split(".")[-1], nn.Linear(inputs, 10))

    def forward(self, images):
        images = images.unsqueeze(1).repeat(1, 3, 1, 1)
        return self.network(self.transforms(images))


def train_classifier(images, labels, *, backbone, device, seed):
    torch.manual_seed(seed)
    model = Garments(backbone).to(device)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(10):
        model.eval()
        for index in torch.randperm(len(images)).split(16):
            loss = criterion(model(images[index].to(device)), labels[index].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    return model
