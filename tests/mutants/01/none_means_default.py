"""`weights or "DEFAULT"`: None, too, gives the pretrained weights.

Fails: 01.load_pretrained.random_initialisation
"""


def load_pretrained(name, weights="DEFAULT"):
    return get_model(name, weights=_weights_entry(name, weights or "DEFAULT")).eval()
