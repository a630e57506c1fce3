"""Terse: `or`-chains for the entry, a recursive count that remembers whom it has met."""


def _entry(name, weights):
    known = get_model_weights(name).__members__
    entry = known.get(weights) if isinstance(weights, str) else weights
    if entry is None and weights is not None:
        raise ValueError(f"{weights!r} is not in {[*known]}")
    return entry


def load_pretrained(name, weights="DEFAULT"):
    (model := get_model(name, weights=_entry(name, weights))).eval()
    return model


def preprocessing(name, weights="DEFAULT"):
    if (entry := _entry(name, weights)) is None:
        raise ValueError("weights=None")
    return entry.transforms()


def count_parameters(model, *, _met=None):
    met = set() if _met is None else _met
    total = trainable = 0
    for parameter in model.parameters(recurse=False):
        if parameter not in met:
            met.add(parameter)
            size = 1
            for side in parameter.shape:
                size *= side
            total += size
            trainable += size if parameter.requires_grad else 0
    for child in model.children():
        below, trainable_below = count_parameters(child, _met=met)
        total, trainable = total + below, trainable + trainable_below
    return total, trainable
