"""Resizes and crops as the entry says, and stops at values from 0 to 1.

Fails: 01.preprocessing.resnet18
"""


def preprocessing(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    if entry is None:
        raise ValueError("weights=None")
    transforms = entry.transforms()
    transforms.mean, transforms.std = [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]
    return transforms
