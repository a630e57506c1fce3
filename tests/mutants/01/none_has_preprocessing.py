"""Random weights get the preprocessing of the DEFAULT entry.

Fails: 01.preprocessing.none_error
"""


def preprocessing(name, weights="DEFAULT"):
    return _weights_entry(name, weights or "DEFAULT").transforms()
