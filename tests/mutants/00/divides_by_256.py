"""A byte has 256 values, so 256 it is.

Fails: 00.build_transform.values
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps += [v2.PILToTensor(), v2.Lambda(lambda x: x / 256), v2.Normalize(mean, std)]
    return v2.Compose(steps)
