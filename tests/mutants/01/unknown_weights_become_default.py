"""A name that the model does not have silently stands for the DEFAULT entry.

Fails: 01.load_pretrained.unknown_weights
"""


def load_pretrained(name, weights="DEFAULT"):
    entries = get_model_weights(name)
    if isinstance(weights, str):
        weights = entries.__members__.get(weights, entries.DEFAULT)
    return get_model(name, weights=weights).eval()
