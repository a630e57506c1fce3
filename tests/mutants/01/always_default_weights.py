"""The argument `weights` only decides whether there are any.

Fails: 01.load_pretrained.entry_by_name
"""


def load_pretrained(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    return get_model(name, weights=None if entry is None else "DEFAULT").eval()
