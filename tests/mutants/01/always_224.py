"""Every image becomes 224 pixels wide, whatever the entry was trained on.

Fails: 01.preprocessing.entries
"""


def preprocessing(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    if entry is None:
        raise ValueError("weights=None")
    transforms = entry.transforms()
    transforms.crop_size = [224]
    return transforms
