"""`shuffle` is ignored: the items for validation are shuffled, too.

Fails: 00.build_loader.dataset_order
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=generator)
