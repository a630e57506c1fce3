"""A small class for a model's place in the registry, with cached properties."""

from functools import cached_property

from torchvision.models import get_model_builder


class _Registered:
    def __init__(self, name: str, weights: str | WeightsEnum | None) -> None:
        self.name, self.weights = name, weights

    @cached_property
    def builder(self):
        try:
            return get_model_builder(self.name)
        except ValueError as error:
            raise ValueError(f"{self.name} is not registered") from error

    @cached_property
    def entry(self) -> WeightsEnum | None:
        if self.weights is None or isinstance(self.weights, WeightsEnum):
            return self.weights
        by_name = dict(get_model_weights(self.builder).__members__)
        if self.weights not in by_name:
            raise ValueError(f"{self.name} knows {sorted(by_name)}, but not {self.weights}")
        return by_name[self.weights]

    def model(self) -> nn.Module:
        model = self.builder(weights=self.entry)
        model.apply(lambda module: setattr(module, "training", False))
        return model

    def transforms(self):
        if self.entry is None:
            raise ValueError("random weights come without transforms")
        return self.entry.value.transforms()


def load_pretrained(name, weights="DEFAULT"):
    return _Registered(name, weights).model()


def preprocessing(name, weights="DEFAULT"):
    return _Registered(name, weights).transforms()


class _Counter(dict):
    def add(self, module: nn.Module) -> None:
        for parameter in module.parameters(recurse=False):
            self[parameter] = parameter.shape.numel()


def count_parameters(model):
    counter = _Counter()
    model.apply(counter.add)
    return sum(counter.values()), sum(n for p, n in counter.items() if p.requires_grad)
