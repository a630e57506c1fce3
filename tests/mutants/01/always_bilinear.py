"""Takes the sizes and the statistics from the entry, but not its interpolation.

Fails: 01.preprocessing.entries
"""

from torchvision import transforms as T


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("random weights have no preprocessing")
    preset = _weights_entry(name, weights).transforms()

    steps = [T.Resize(preset.resize_size), T.CenterCrop(preset.crop_size), T.ToTensor()]
    return T.Compose([*steps, T.Normalize(preset.mean, preset.std)])
