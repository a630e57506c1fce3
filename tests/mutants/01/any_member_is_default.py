"""Whatever is neither a name nor None stands for the DEFAULT entry.

Fails: 01.load_pretrained.enum_member
"""


def load_pretrained(name, weights="DEFAULT"):
    if weights is None:
        return get_model(name, weights=None).eval()
    label = weights if isinstance(weights, str) else "DEFAULT"
    return get_model(name, weights=_weights_entry(name, label)).eval()
