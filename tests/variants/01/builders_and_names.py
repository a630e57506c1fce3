"""`list_models`, the builder itself, `get_weight`, a wrapped preset, counting by identity."""

from torchvision.models import get_model_builder, get_weight, list_models


class UnknownError(ValueError):
    pass


def load_pretrained(name, weights="DEFAULT"):
    if name not in list_models():
        raise UnknownError("There is no model called '%s' in torchvision" % name)
    build = get_model_builder(name)
    if weights is None:
        return build().train(False)
    entries = get_model_weights(build)
    if isinstance(weights, str):
        if weights not in entries.__members__:
            raise UnknownError("%s: no weights called '%s'" % (name, weights))
        weights = get_weight(f"{entries.__name__}.{weights}")
    return build(weights=weights, progress=False).train(False)


def preprocessing(name, weights="DEFAULT"):
    entries = get_model_weights(name)
    if weights is None:
        raise UnknownError("no weights, no preprocessing")
    entry = getattr(entries, weights) if isinstance(weights, str) else weights
    return lambda image: entry.transforms()(image)


def count_parameters(model):
    seen, total, trainable = set(), 0, 0
    for module in model.modules():
        for parameter in module._parameters.values():
            if parameter is None or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            total = total + parameter.nelement()
            trainable = trainable + parameter.nelement() * int(parameter.requires_grad)
    return (total, trainable)
