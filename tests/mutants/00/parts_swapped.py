"""Returns the validation part first.

Fails: 00.split_train_val.sizes_hidden
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(dataset), generator=generator).tolist()
    size = round(val_fraction * len(dataset))
    return Subset(dataset, order[:size]), Subset(dataset, order[size:])
