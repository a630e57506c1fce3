"""The last items of the dataset are the validation part.

Fails: 00.split_train_val.random
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    cut = len(dataset) - round(val_fraction * len(dataset))
    return Subset(dataset, range(cut)), Subset(dataset, range(cut, len(dataset)))
