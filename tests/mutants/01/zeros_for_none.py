"""Random initialisation is taken for weights of zero.

Fails: 01.load_pretrained.random_initialisation
"""

import torch


def load_pretrained(name, weights="DEFAULT"):
    model = get_model(name, weights=_weights_entry(name, weights))
    if weights is None:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.zero_()
    return model.eval()
