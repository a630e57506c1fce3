"""The argument `backbone` is ignored.

Fails: 08.train_classifier.default_weights
"""

_any_backbone = train_classifier


def train_classifier(images, labels, *, backbone, device, seed):
    return _any_backbone(images, labels, backbone="efficientnet_lite0", device=device, seed=seed)
