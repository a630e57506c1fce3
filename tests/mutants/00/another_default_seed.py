"""The seed is 42 unless another one is given.

Fails: 00.build_loader.seed_decides
"""


def build_loader(dataset, batch_size, shuffle, seed=42):
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, generator=generator)
