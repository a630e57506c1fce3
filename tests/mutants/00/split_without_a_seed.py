"""Draws from torch's global random numbers; `seed` is not used.

Fails: 00.split_train_val.seed_decides
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    order = torch.randperm(len(dataset)).tolist()
    size = round(val_fraction * len(dataset))
    return Subset(dataset, order[size:]), Subset(dataset, order[:size])
