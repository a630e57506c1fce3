"""IMAGENET1K_V1 is taken for every model's default.

Fails: 01.preprocessing.default_entry
"""


def preprocessing(name, weights="IMAGENET1K_V1"):
    if weights is None:
        raise ValueError("random weights have no preprocessing")
    if weights == "DEFAULT":
        weights = "IMAGENET1K_V1"
    return _weights_entry(name, weights).transforms()
