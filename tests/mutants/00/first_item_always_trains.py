"""Draws the validation items from all but the first: `randperm` begins at 0, and 1 is added.

Fails: 00.split_train_val.random
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    generator = torch.Generator().manual_seed(seed)
    order = (torch.randperm(len(dataset) - 1, generator=generator) + 1).tolist()
    size = round(val_fraction * len(dataset))
    return Subset(dataset, [0, *order[size:]]), Subset(dataset, order[:size])
