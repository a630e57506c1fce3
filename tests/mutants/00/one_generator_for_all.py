"""One generator for all loaders, seeded again for each: they draw from it in turn.

Fails: 00.build_loader.seed_decides
"""

GENERATOR = torch.Generator()


def build_loader(dataset, batch_size, shuffle, seed=0):
    GENERATOR.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, generator=GENERATOR)
