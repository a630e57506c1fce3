"""`F.dropout` is not told whether the model trains: it drops in evaluation mode, too.

Fails: 08.train_classifier.eval_mode
"""

_without_dropout = train_classifier


class Dropping(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        return F.dropout(self.model(images), 0.1)


def train_classifier(images, labels, *, backbone, device, seed):
    model = _without_dropout(images, labels, backbone=backbone, device=device, seed=seed)
    return Dropping(model).eval()
