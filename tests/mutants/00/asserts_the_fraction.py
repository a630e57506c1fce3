"""`assert` raises an AssertionError.

Fails: 00.split_train_val.value_error
"""


def split_train_val(dataset, val_fraction, seed):
    assert 0 < val_fraction < 1, "val_fraction must lie between 0 and 1"
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(dataset), generator=generator).tolist()
    size = round(val_fraction * len(dataset))
    return Subset(dataset, order[size:]), Subset(dataset, order[:size])
