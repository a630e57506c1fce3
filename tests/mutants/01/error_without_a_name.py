"""The ValueError says that something is wrong, but not what.

Fails: 01.load_pretrained.unknown_weights
"""


def load_pretrained(name, weights="DEFAULT"):
    try:
        return get_model(name, weights=weights).eval()
    except KeyError:
        raise ValueError("unknown weights") from None
