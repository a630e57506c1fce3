"""Each part is drawn on its own, so some items are in both and some in none.

Fails: 00.split_train_val.every_item_once
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    generator = torch.Generator().manual_seed(seed)
    size = round(val_fraction * len(dataset))
    val = torch.randperm(len(dataset), generator=generator)[:size].tolist()
    train = torch.randperm(len(dataset), generator=generator)[size:].tolist()
    return Subset(dataset, train), Subset(dataset, val)
