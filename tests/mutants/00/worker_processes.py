"""Two worker processes, because a tutorial had them.

Fails: 00.build_loader.in_this_process
"""


def build_loader(dataset, batch_size, shuffle, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle, generator=generator, num_workers=2)
