"""`torch.manual_seed` makes the split repeatable, and everything after it, too.

Fails: 00.split_train_val.global_state
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    torch.manual_seed(seed)
    order = torch.randperm(len(dataset)).tolist()
    size = round(val_fraction * len(dataset))
    return Subset(dataset, order[size:]), Subset(dataset, order[:size])
