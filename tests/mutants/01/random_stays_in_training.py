"""An early return for random weights forgets `.eval()`.

Fails: 01.load_pretrained.random_initialisation
"""


def load_pretrained(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    if entry is None:
        return get_model(name, weights=None)
    model = get_model(name, weights=entry)
    model.eval()
    return model
