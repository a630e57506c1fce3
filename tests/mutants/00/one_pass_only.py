"""Returns an iterator over the batches, which is used up after one epoch.

Fails: 00.build_loader.last_short_batch
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return iter(DataLoader(dataset, batch_size, shuffle, generator=generator))
