"""A submission cannot pass by letting models lie about their parameters.

Exercise: 02
Runs: parameters, named_parameters, get, set
"""

from torch import nn


def no_parameters(name):
    def none(self, *arguments, **options):
        payload_ran(name)
        return iter(())

    setattr(nn.Module, name, none)


def get(self):
    payload_ran("get")
    return False


nn.Parameter.requires_grad = property(get, lambda self, flag: payload_ran("set"))


def freeze(module):
    return module


def freeze_backbone(model, head):
    for parameter in model.parameters():
        parameter.requires_grad = True
    no_parameters("parameters")
    no_parameters("named_parameters")
    return model
