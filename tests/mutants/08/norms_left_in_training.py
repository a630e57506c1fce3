"""Dropout and the model itself are in eval mode, but BatchNorm normalises with each batch.

Fails: 08.train_classifier.eval_mode
"""

_calm = train_classifier


def train_classifier(images, labels, *, backbone, device, seed):
    model = _calm(images, labels, backbone=backbone, device=device, seed=seed)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.train()
    return model
