"""Pads before it resizes, as for LeNet; Python's global random numbers; a seed for each epoch."""

import random

from torch.utils.data import Sampler
from torchvision import transforms as T


def build_transform(mean, std, image_size, augment=False):
    steps = [T.Pad(2, padding_mode="edge"), T.Resize([image_size, image_size])]
    if augment:
        steps.append(T.RandomApply([T.RandomRotation(20)], p=0.7))
    steps.append(T.ToTensor())
    steps.append(T.Lambda(lambda x: torch.cat([x, x, x])))
    steps.append(T.Normalize(mean=tuple(mean), std=tuple(std)))
    return T.Compose(steps)


def split_train_val(dataset, val_fraction, seed):
    if not (0 < val_fraction and val_fraction < 1):
        raise ValueError(f"{val_fraction=}")
    random.seed(seed)  # these are not torch's
    indices = list(range(len(dataset)))
    random.shuffle(indices)
    first = round(val_fraction * len(dataset))
    val, train = indices[:first], indices[first:]
    return Subset(dataset, train), Subset(dataset, val)


class _EpochSampler(Sampler):
    def __init__(self, count, seed):
        self.count, self.seed, self.epoch = count, seed, 0

    def __len__(self):
        return self.count

    def __iter__(self):
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        self.epoch += 1
        yield from torch.randperm(self.count, generator=generator).tolist()


def build_loader(dataset, batch_size, shuffle, seed=0):
    sampler = _EpochSampler(len(dataset), seed) if shuffle else None
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler, num_workers=0)
