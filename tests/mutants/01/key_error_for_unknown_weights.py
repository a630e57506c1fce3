"""Everything is left to `get_model`, which answers unknown weights with a KeyError.

Fails: 01.load_pretrained.unknown_weights
"""


def load_pretrained(name, weights="DEFAULT"):
    return get_model(name, weights=weights).eval()
