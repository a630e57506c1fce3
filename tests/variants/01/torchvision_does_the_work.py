"""As much as possible is left to torchvision; `np.prod` and a list for the pair."""

import numpy as np


def load_pretrained(name, weights="DEFAULT"):
    try:
        model = get_model(name, weights=weights)
    except KeyError as error:
        raise ValueError(f"no such weights: {error}") from error
    model.eval()
    for parameter in model.parameters():  # what is frozen is free
        parameter.requires_grad = False
    return model


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("which weights?")
    return get_model_weights(name).verify(weights).transforms()


def count_parameters(model):
    return [
        np.sum([np.prod(p.shape) for p in model.parameters()]),
        np.sum([np.prod(p.shape) for p in model.parameters() if p.requires_grad]),
    ]
