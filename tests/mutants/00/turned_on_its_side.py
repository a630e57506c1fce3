"""`permute(2, 1, 0)` brings the channels to the front and swaps rows and columns.

Fails: 00.build_transform.same_picture
"""

import numpy as np


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps = v2.Compose(steps)
    normalize = v2.Normalize(mean, std)

    def transform(image):
        pixels = torch.from_numpy(np.array(steps(image))).permute(2, 1, 0)
        return normalize(pixels.float() / 255)

    return transform
