"""Afterwards the global generator starts again at its old seed instead of going on.

Fails: 00.split_train_val.global_state
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    old_seed = torch.initial_seed()
    torch.manual_seed(seed)
    order = torch.randperm(len(dataset)).tolist()
    torch.manual_seed(old_seed)
    size = round(val_fraction * len(dataset))
    return Subset(dataset, order[size:]), Subset(dataset, order[:size])
