"""The array of a picture has its channels last, and they stay there.

Fails: 00.build_transform.shape
"""

import numpy as np


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps = v2.Compose(steps)

    def transform(image):
        pixels = np.asarray(steps(image), dtype=np.float32) / 255
        return torch.tensor((pixels - np.float32(mean)) / np.float32(std))

    return transform
