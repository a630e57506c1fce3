"""The preset's numbers in v2 transforms; 0-d tensors for the counts; every module set by itself."""

import torch
from torchvision.transforms import v2


def load_pretrained(name, weights="DEFAULT"):
    entries = get_model_weights(name)
    match weights:
        case None:
            model = get_model(name)
        case str() if weights in [*entries.__members__]:
            model = get_model(name, weights=entries[weights])
        case str():
            raise ValueError(f"{weights} is none of {name}'s weights")
        case _:
            model = get_model(name, weights=weights)
    for module in model.modules():
        module.training = False
    return model


def preprocessing(name, weights="DEFAULT"):
    if weights is None:
        raise ValueError
    entries = get_model_weights(name)
    preset = (entries[weights] if isinstance(weights, str) else weights).transforms()
    return v2.Compose(
        [
            v2.Resize(preset.resize_size, interpolation=preset.interpolation, antialias=True),
            v2.CenterCrop(preset.crop_size),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(preset.mean, preset.std),
        ]
    )


def count_parameters(model):
    sizes = {p: torch.tensor(p.numel()) for p in model.parameters()}
    trainable = [size for p, size in sizes.items() if p.requires_grad]
    return sum(sizes.values()), sum(trainable, start=torch.tensor(0))
