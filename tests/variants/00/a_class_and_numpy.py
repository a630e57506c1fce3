"""A class with `__call__`, NumPy for pixels and random numbers, a sampler of its own."""

import numpy as np
from torch.utils.data import RandomSampler


class _Transform:
    def __init__(self, mean, std, size, augment):
        self.mean = np.array(mean, dtype=np.float32).reshape(3, 1, 1)
        self.std = np.array(std, dtype=np.float32).reshape(3, 1, 1)
        self.size, self.augment = size, augment

    def __call__(self, image):
        side = max(image.size)  # a black frame makes it square
        square = Image.new("L", (side, side))
        square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
        grey = np.asarray(square.resize((self.size, self.size), Image.Resampling.BICUBIC))
        if self.augment:
            grey = np.roll(grey, np.random.randint(-2, 3), axis=1)
            grey = grey[:, ::-1] if np.random.random() < 0.5 else grey
        pixels = np.stack([grey] * 3).astype(np.float32) / 255.0
        return torch.from_numpy((pixels - self.mean) / self.std)


def build_transform(mean, std, image_size, augment=False):
    return _Transform(mean, std, image_size, augment)


def split_train_val(dataset, val_fraction, seed):
    if not (val_fraction > 0 and val_fraction < 1):
        raise ValueError
    numbers = np.random.default_rng(seed).permutation(len(dataset))
    cut = len(dataset) - round(val_fraction * len(dataset))
    return [Subset(dataset, sorted(part.tolist())) for part in (numbers[:cut], numbers[cut:])]


def build_loader(dataset, batch_size, shuffle, seed=0):
    if not shuffle:
        return DataLoader(dataset, batch_size=batch_size, drop_last=False)
    sampler = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed))
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler)
