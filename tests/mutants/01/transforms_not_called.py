"""The factory of the transforms is returned instead of the transforms.

Fails: 01.preprocessing.entries
"""


def preprocessing(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    if entry is None:
        raise ValueError("random weights have no preprocessing")
    return entry.transforms
