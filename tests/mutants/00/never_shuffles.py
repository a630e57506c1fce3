"""`shuffle` is ignored: every epoch comes in the dataset's order.

Fails: 00.build_loader.seed_decides
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    return DataLoader(dataset, batch_size=batch_size)
