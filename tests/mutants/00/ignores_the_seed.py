"""The loader shuffles with torch's global random numbers; `seed` is not used.

Fails: 00.build_loader.seed_decides
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)
