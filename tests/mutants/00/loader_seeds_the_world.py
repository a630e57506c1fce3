"""`torch.manual_seed` when building: whatever draws before the first epoch changes its order.

Fails: 00.build_loader.seed_decides
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    torch.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)
