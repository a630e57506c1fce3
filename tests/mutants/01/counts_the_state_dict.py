"""The state dict holds buffers, too, and a shared parameter under each of its names.

Fails: 01.count_parameters.buffers
"""


def count_parameters(model):
    total = sum(tensor.numel() for tensor in model.state_dict().values())
    return total, sum(p.numel() for p in model.parameters() if p.requires_grad)
