"""Nobody asks whether there are weights: None has no `transforms`.

Fails: 01.preprocessing.none_error
"""


def preprocessing(name, weights="DEFAULT"):
    return _weights_entry(name, weights).transforms()
