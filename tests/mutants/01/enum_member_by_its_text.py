"""A member of the enum is looked up by its text, as if it were a name.

Fails: 01.load_pretrained.enum_member
"""


def load_pretrained(name, weights="DEFAULT"):
    entries = get_model_weights(name)
    if weights is None:
        return get_model(name, weights=None).eval()
    names = [entry.name for entry in entries] + ["DEFAULT"]
    if str(weights) not in names:
        raise ValueError(f"{name} has no weights {weights}")
    return get_model(name, weights=str(weights)).eval()
