"""The transforms of the DEFAULT entry, whichever was asked for.

Fails: 01.preprocessing.entries
"""


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("random weights have no preprocessing")
    return get_model_weights(name).DEFAULT.transforms()
