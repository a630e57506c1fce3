"""The size of a batch is written into the code.

Fails: 00.build_loader.every_item_once
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=32, shuffle=shuffle, generator=generator)
