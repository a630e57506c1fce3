"""A black frame as for LeNet, channels by broadcasting, NumPy's old generator and its indices."""

import numpy as np
from torch.utils.data import BatchSampler, RandomSampler


def build_transform(mean, std, image_size, augment=False):
    layers = [v2.Pad(2), v2.Resize(size=(image_size, image_size))]
    if augment:
        layers += [v2.RandomCrop(image_size, padding=2), v2.RandomVerticalFlip(0.3)]
    layers += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]
    layers += [v2.Normalize(mean=list(mean), std=list(std))]  # one channel becomes three
    return torch.nn.Sequential(*layers)


def split_train_val(dataset, val_fraction, seed):
    if val_fraction <= 0.0 or 1.0 <= val_fraction:
        raise ValueError("val_fraction")
    order = np.random.RandomState(seed).permutation(len(dataset))
    train, val = np.split(order, [len(dataset) - round(val_fraction * len(dataset))])
    return Subset(dataset, train), Subset(dataset, val)


def build_loader(dataset, batch_size, shuffle, seed=0):
    if not shuffle:
        return DataLoader(dataset, batch_size=batch_size)
    items = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed))
    return DataLoader(dataset, batch_sampler=BatchSampler(items, batch_size, drop_last=False))
