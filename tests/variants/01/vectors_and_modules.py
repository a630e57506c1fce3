"""One long vector of all parameters; the preset applied to tensors instead of PIL images."""

import torch
from torch.nn.utils import parameters_to_vector
from torchvision.transforms import v2


def load_pretrained(name, weights="DEFAULT"):
    entries = get_model_weights(name)
    try:
        entry = weights if weights is None else entries.verify(weights)
    except KeyError:
        raise ValueError(f"unknown weights: {weights}") from None
    with torch.random.fork_rng(devices=[]):  # nobody else's random numbers move
        model = get_model(name, weights=entry)
    for module in model.modules():
        module.eval()
    return model


class _Preprocess(nn.Module):
    def __init__(self, entry):
        super().__init__()
        self.preset = entry.transforms()

    @torch.inference_mode()
    def forward(self, image):
        return self.preset(v2.functional.to_image(image)).as_subclass(Tensor)


def preprocessing(name, weights="DEFAULT"):
    match weights:
        case None:
            raise ValueError("weights is None")
        case WeightsEnum():
            return _Preprocess(weights).eval()
        case _:
            return _Preprocess(get_model_weights(name)[weights])


def count_parameters(model):
    total = parameters_to_vector(model.parameters()).detach().numpy()
    flags = [torch.full_like(p, p.requires_grad, dtype=torch.bool) for p in model.parameters()]
    return total.size, torch.cat([flag.flatten() for flag in flags]).sum()
