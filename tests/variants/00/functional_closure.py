"""A closure over functional calls, Python's `random`, a loader class, state saved and restored."""

import random

from torch.nn import functional as F
from torchvision.transforms import functional as TF


def build_transform(mean, std, image_size, augment=False):
    def transform(image):
        pixels = TF.to_tensor(image.convert("RGB"))
        if augment and random.random() < 0.5:
            pixels = pixels.flip(2)
        pixels = TF.normalize(pixels, mean, std)
        pixels = F.interpolate(pixels[None], size=(image_size, image_size), mode="nearest")[0]
        if augment:
            pixels = TF.affine(pixels, random.uniform(-5, 5), [1, 1], 1.0, [0.0], fill=0.0)
        return pixels

    return transform


def split_train_val(dataset, val_fraction, seed):
    if val_fraction >= 1 or val_fraction <= 0:
        raise ValueError("no")
    state = torch.get_rng_state()
    try:
        torch.manual_seed(seed)
        shuffled = torch.randperm(len(dataset))
    finally:
        torch.set_rng_state(state)
    val = set(shuffled[: round(val_fraction * len(dataset))].tolist())
    train = [i for i in range(len(dataset)) if i not in val]
    return Subset(dataset, train), Subset(dataset, list(val))


class _Batches:
    def __init__(self, count, batch_size, seed):
        self.count, self.batch_size = count, batch_size
        self.random = random.Random(seed)

    def __iter__(self):
        order = self.random.sample(range(self.count), self.count)
        for start in range(0, self.count, self.batch_size):
            yield order[start : start + self.batch_size]

    def __len__(self):
        return -(-self.count // self.batch_size)


def build_loader(dataset, batch_size, shuffle, seed=0):
    if shuffle:
        return DataLoader(dataset, batch_sampler=_Batches(len(dataset), batch_size, seed))
    return DataLoader(dataset, batch_size=batch_size, shuffle=False)
