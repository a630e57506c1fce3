"""Turns the image into a tensor and leaves its size as it is.

Fails: 01.preprocessing.resnet18
"""

import torch
from torchvision.transforms import v2


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("weights=None")
    return v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
