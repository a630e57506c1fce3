"""torchvision's first transforms, ImageNet's way of resizing, `random_split` with sizes."""

from torch.utils.data import random_split
from torchvision import transforms as T


def build_transform(mean, std, image_size, augment=False):
    larger = round(image_size * 256 / 224)
    spatial = [T.Resize((larger, larger)), T.CenterCrop(image_size)]
    if augment:
        spatial = [T.RandomResizedCrop(image_size, scale=(0.8, 1.0)), T.RandomHorizontalFlip()]
    return T.Compose(
        [T.Grayscale(num_output_channels=3), *spatial, T.ToTensor(), T.Normalize(mean, std)]
    )


def split_train_val(dataset, val_fraction, seed):
    if val_fraction <= 0 or val_fraction >= 1:
        raise ValueError(f"bad fraction {val_fraction}")
    n_val = round(val_fraction * len(dataset))
    lengths = [len(dataset) - n_val, n_val]
    train, val = random_split(dataset, lengths, generator=torch.Generator().manual_seed(seed))
    return train, val


def build_loader(dataset, batch_size, shuffle, seed=0):
    if not shuffle:
        return DataLoader(dataset, batch_size)
    generator = torch.Generator()
    generator.manual_seed(seed)
    return DataLoader(dataset, batch_size, True, num_workers=0, generator=generator)
