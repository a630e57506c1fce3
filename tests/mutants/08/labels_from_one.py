"""The classes are counted from one, as if there were no class 0.

Fails: 08.train_classifier.learns
"""

_fit_from_zero = fit_head


def fit_head(model, images, labels):
    _fit_from_zero(model, images, (labels + 1) % CLASSES)
