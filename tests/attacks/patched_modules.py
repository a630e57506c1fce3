"""A submission cannot pass by letting models lie about their parameters.

Exercise: 02
"""

import torch

torch.nn.Module.parameters = lambda self, recurse=True: iter(())
torch.nn.Module.named_parameters = lambda self, *arguments, **options: iter(())
torch.nn.Parameter.requires_grad = property(lambda self: False, lambda self, flag: None)
torch.Tensor.requires_grad_ = lambda self, flag=True: self


def freeze(module):
    return module


def freeze_backbone(model, head):
    return model
