"""The ValueError for an unknown model does not say which one.

Fails: 01.load_pretrained.unknown_model_hidden
"""


def load_pretrained(name, weights="DEFAULT"):
    try:
        entry = _weights_entry(name, weights)
    except ValueError as error:
        if "no weights" in str(error):
            raise
        raise ValueError("this model does not exist") from None
    return get_model(name, weights=entry).eval()
