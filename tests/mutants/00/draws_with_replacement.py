"""`randint` may draw an item several times.

Fails: 00.split_train_val.every_item_once
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError("val_fraction")
    generator = torch.Generator().manual_seed(seed)
    size = round(val_fraction * len(dataset))
    val = torch.randint(len(dataset), (size,), generator=generator).tolist()
    train = [index for index in range(len(dataset)) if index not in val]
    return Subset(dataset, train), Subset(dataset, val)
