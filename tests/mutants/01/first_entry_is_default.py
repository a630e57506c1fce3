"""IMAGENET1K_V1 is taken for every model's default.

Fails: 01.load_pretrained.default_entry
"""


def load_pretrained(name, weights="IMAGENET1K_V1"):
    return get_model(name, weights=_weights_entry(name, weights)).eval()
