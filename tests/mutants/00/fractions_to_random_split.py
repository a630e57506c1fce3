"""`random_split` with fractions rounds down and deals out the rest in its own way.

Fails: 00.split_train_val.sizes_hidden
"""

from torch.utils.data import random_split


def split_train_val(dataset, val_fraction, seed):
    if val_fraction <= 0 or val_fraction >= 1:
        raise ValueError("val_fraction")
    generator = torch.Generator().manual_seed(seed)
    return random_split(dataset, [1 - val_fraction, val_fraction], generator=generator)
