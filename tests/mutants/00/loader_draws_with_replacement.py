"""The sampler may draw an item several times and another one never.

Fails: 00.build_loader.every_item_once
"""

from torch.utils.data import RandomSampler


def build_loader(dataset, batch_size, shuffle, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sampler = RandomSampler(dataset, replacement=True, generator=generator) if shuffle else None
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler)
