"""The model comes back in training mode.

Fails: 08.train_classifier.eval_mode
"""

_evaluating = train_classifier


def train_classifier(images, labels, *, backbone, device, seed):
    return _evaluating(images, labels, backbone=backbone, device=device, seed=seed).train()
