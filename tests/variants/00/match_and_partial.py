"""Plain functions bound with `partial`, `match`, a loader class that draws its own orders."""

import random
from functools import partial

from torchvision.transforms.v2 import functional as VF


def _changed(image):
    match random.randrange(4):
        case 0:
            return VF.hflip(image)
        case 1:
            return VF.affine(image, angle=0, translate=[1, -1], scale=1.0, shear=[5.0, 0.0])
        case 2:
            side = max(1, min(image.size) - 2)
            return VF.crop(image, top=1, left=0, height=side, width=side)
        case _:
            return image


def _apply(image, *, mean, std, size, augment):
    image = _changed(image) if augment else image
    image = Image.merge("RGB", [image] * 3).resize((size, size), Image.Resampling.BOX)
    pixels = VF.to_dtype(VF.to_image(image), torch.float32, scale=True)
    channels = zip(pixels, mean, std, strict=True)
    return torch.stack([(channel - m) / s for channel, m, s in channels]).as_subclass(Tensor)


def build_transform(mean, std, image_size, augment=False):
    return partial(_apply, mean=mean, std=std, size=image_size, augment=augment)


def split_train_val(dataset, val_fraction, seed):
    match val_fraction:
        case float() if 0 < val_fraction < 1:
            count = len(dataset)
        case _:
            raise ValueError(f"val_fraction is {val_fraction}")
    chosen = set(random.Random(seed).sample(range(count), round(val_fraction * count)))
    parts = {False: [], True: []}
    for index in range(count):
        parts[index in chosen].append(index)
    train, val = (Subset(dataset, indices) for indices in parts.values())
    return train, val


class _ShufflingLoader(DataLoader):
    def __init__(self, dataset, batch_size, seed):
        super().__init__(dataset, batch_size=batch_size)
        self.dice = random.Random(seed)

    def __iter__(self):
        order = list(range(len(self.dataset)))
        self.dice.shuffle(order)
        return iter(DataLoader(Subset(self.dataset, order), batch_size=self.batch_size))


def build_loader(dataset, batch_size, shuffle, seed=0):
    if shuffle:
        return _ShufflingLoader(dataset, batch_size, seed)
    return DataLoader(dataset, batch_size)
