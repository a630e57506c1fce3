"""The model is returned in the mode in which torchvision builds it: training.

Fails: 01.load_pretrained.eval_mode
"""


def load_pretrained(name, weights="DEFAULT"):
    return get_model(name, weights=_weights_entry(name, weights))
