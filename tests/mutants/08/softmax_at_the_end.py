"""A softmax at the end of the model that is returned.

Fails: 08.train_classifier.any_number_of_images
"""

_with_logits = train_classifier


def train_classifier(images, labels, *, backbone, device, seed):
    model = _with_logits(images, labels, backbone=backbone, device=device, seed=seed)
    return nn.Sequential(model, nn.Softmax(dim=1)).eval()
