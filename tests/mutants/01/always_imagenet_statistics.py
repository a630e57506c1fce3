"""Takes the sizes from the entry, and the mean and std from memory.

Fails: 01.preprocessing.entries
"""

from torchvision import transforms as T


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("random weights have no preprocessing")
    preset = _weights_entry(name, weights).transforms()

    resize = T.Resize(preset.resize_size, interpolation=preset.interpolation)
    steps = [resize, T.CenterCrop(preset.crop_size), T.ToTensor()]
    return T.Compose([*steps, T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
