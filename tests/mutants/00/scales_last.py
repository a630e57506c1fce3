"""Subtracts `mean` and divides by `std` while the pixels still go up to 255, then divides.

Fails: 00.build_transform.values
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps += [v2.PILToTensor(), v2.ToDtype(torch.float32), v2.Normalize(mean, std)]
    return v2.Compose([*steps, v2.Lambda(lambda x: x / 255)])
