"""The dataset is shuffled once, when the loader is built.

Fails: 00.build_loader.later_epochs_differ
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    if shuffle:
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(dataset), generator=generator).tolist()
        dataset = Subset(dataset, order)
    return DataLoader(dataset, batch_size=batch_size)
