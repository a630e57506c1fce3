"""Looks weights up by their name, and a member of the enum is none.

Fails: 01.preprocessing.enum_member
"""


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError("random weights have no preprocessing")
    return get_model_weights(name)[weights].transforms()
