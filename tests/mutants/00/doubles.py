"""NumPy computes in float64, and nobody converts the result.

Fails: 00.build_transform.values
"""

import numpy as np


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps = v2.Compose(steps)

    def transform(image):
        pixels = np.asarray(steps(image)).transpose(2, 0, 1) / 255
        pixels = (pixels - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1))
        return torch.from_numpy(pixels)

    return transform
