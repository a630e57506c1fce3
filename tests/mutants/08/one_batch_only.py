"""A `break` that was left in the loop: the head sees the first batch of each epoch only.

Fails: 08.train_classifier.accuracy
"""


def fit_head(model, images, labels):
    model.eval()
    with torch.no_grad():
        features = torch.cat([model.features(part) for part in images.split(BATCH)])
        model.head(features[:1])
        nn.init.zeros_(model.head.weight)
        nn.init.zeros_(model.head.bias)
    optimizer = torch.optim.Adam(model.head.parameters(), lr=3e-3)
    for _ in range(20):
        for batch, targets in zip(features.split(32), labels.split(32)):
            optimizer.zero_grad()
            F.cross_entropy(model.head(batch), targets).backward()
            optimizer.step()
            break
