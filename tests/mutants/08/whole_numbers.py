"""Rounds the logits to whole numbers, for reading.

Fails: 08.train_classifier.any_number_of_images
"""

_with_logits = train_classifier


class Rounded(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        return self.model(images).round().to(torch.int64)


def train_classifier(images, labels, *, backbone, device, seed):
    model = _with_logits(images, labels, backbone=backbone, device=device, seed=seed)
    return Rounded(model).eval()
