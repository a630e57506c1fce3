"""The preset's resizing and cropping in plain PIL and NumPy; NumPy arrays for the counts."""

import numpy as np
import torch
from PIL import Image
from torchvision.models import list_models

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def load_pretrained(name, weights="DEFAULT"):
    if name.lower() not in list_models():
        raise ValueError(f"{name} is none of torchvision's {len(list_models())} models")
    if type(weights) is str:
        names = list(get_model_weights(name).__members__)
        if names.count(weights) == 0:
            raise ValueError(f"{weights} is none of {names}")
        weights = get_model_weights(name)[weights]
    return nn.Module.eval(get_model(name, weights=weights))


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("None")
    preset = get_model_weights(name)[getattr(weights, "name", weights)].transforms()
    [short], [crop] = preset.resize_size, preset.crop_size
    mean, std = np.array(preset.mean), np.array(preset.std)

    def transform(image):
        width, height = image.size
        longer = int(short * max(image.size) / min(image.size))
        size = (short, longer) if width <= height else (longer, short)
        image = image.resize(size, _FILTERS[preset.interpolation.value])
        left, top = (round((side - crop) / 2.0) for side in image.size)
        image = image.crop((left, top, left + crop, top + crop))
        pixels = (np.asarray(image) / 255 - mean) / std
        return torch.tensor(pixels.transpose(2, 0, 1), dtype=torch.float32)

    return transform


def count_parameters(model):
    rows = [(p.nbytes // p.itemsize, p.requires_grad) for p in model.parameters()]
    sizes, flags = np.array(rows).T
    return [sizes.sum(), sizes[flags.astype(bool)].sum()]
