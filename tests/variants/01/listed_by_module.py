"""Only torchvision's classification models, as its documentation lists them."""

import torchvision
from torchvision.models import list_models


def load_pretrained(name, weights="DEFAULT"):
    if name not in list_models(module=torchvision.models):
        raise ValueError(f"{name} is no classification model")
    return get_model(name, weights=_weights_entry(name, weights)).eval()
