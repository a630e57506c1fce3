"""Shared parameters known by where they lie in memory; presets applied by a function."""


def load_pretrained(name, weights="DEFAULT"):
    entries = get_model_weights(name)
    if isinstance(weights, str):
        if not hasattr(entries, weights) or weights.startswith("_"):
            raise ValueError(f"{weights} is none of the weights of {name}: {list(entries)}")
        weights = getattr(entries, weights)
    model = get_model(name, weights=weights, progress=False)
    return model.train(mode=False)


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError(f"{name} without weights wants nothing in particular")
    entry = get_model_weights(name)[weights] if isinstance(weights, str) else weights
    preset = entry.transforms()

    def transform(image):
        return preset(image)

    return transform


def count_parameters(model):
    sizes = {p.data_ptr(): p.numel() for p in model.parameters()}
    trainable = {p.data_ptr(): p.numel() for p in model.parameters() if p.requires_grad}
    return sum(sizes.values()), sum(trainable.values())
