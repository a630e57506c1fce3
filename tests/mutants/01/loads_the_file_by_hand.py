"""The file goes into the model by hand: DenseNet's layers have other names in it.

Fails: 01.load_pretrained.families
"""


def load_pretrained(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    model = get_model(name, weights=None)
    if entry is not None:
        model.load_state_dict(entry.get_state_dict(progress=False))
    return model.eval()
