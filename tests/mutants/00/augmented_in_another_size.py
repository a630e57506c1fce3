"""The random crop for training has a size of its own.

Fails: 00.build_transform.augment_keeps_the_rest
"""


def build_transform(mean, std, image_size, augment=False):
    resize = v2.RandomResizedCrop(28, scale=(0.8, 1.0)) if augment else None
    steps = [resize or v2.Resize((image_size, image_size)), v2.Grayscale(3), v2.ToImage()]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    return v2.Compose(steps)
