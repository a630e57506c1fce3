"""Fractions of 0 and 1 are let through.

Fails: 00.split_train_val.value_error
"""


def split_train_val(dataset, val_fraction, seed):
    if val_fraction < 0 or val_fraction > 1:
        raise ValueError("val_fraction")
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(dataset), generator=generator).tolist()
    size = round(val_fraction * len(dataset))
    return Subset(dataset, order[size:]), Subset(dataset, order[:size])
