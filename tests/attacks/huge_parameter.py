"""A submission cannot make the judge reserve memory by a huge parameter that takes none itself.

On top of: solution
Earns at most: 10
Runs: cpu, meta
"""

import torch
from torch import nn

honest = swap_head


def swap_head(model, num_classes=10, dropout=0.0):
    model = honest(model, num_classes, dropout)
    if isinstance(model, nn.Sequential):
        device = "meta" if dropout > 0 else "cpu"
        huge = torch.empty(1, device=device).expand(1 << 29)
        model.get_submodule(find_head(model)).huge = nn.Parameter(huge)
        payload_ran(device)
    return model
