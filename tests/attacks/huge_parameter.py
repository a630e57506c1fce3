"""A submission cannot make the judge reserve memory by a parameter that is as large as it says.

On top of: solution
Earns at most: 10
"""

import torch
from torch import nn


class Head(nn.Linear):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.huge = nn.Parameter(torch.empty(1).expand(1 << 29))


def swap_head(model, num_classes=10, dropout=0.0):
    if not isinstance(model[-1], nn.Linear):
        raise ValueError
    model[-1] = Head(model[-1].in_features, num_classes)
    return model
