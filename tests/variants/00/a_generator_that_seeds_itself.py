"""Augments with random numbers of its own, from a generator that chooses its seed itself."""

from torchvision.transforms import functional as tf


class _Shift:
    def __init__(self):
        self.generator = torch.Generator()
        self.generator.seed()

    def __call__(self, image):
        right, down = torch.randint(-3, 4, (2,), generator=self.generator).tolist()
        return tf.affine(image, angle=0.0, translate=[right, down], scale=1.0, shear=[0.0])


def build_transform(mean, std, image_size, augment=False):
    shift = _Shift()

    def transform(image):
        image = tf.resize(shift(image) if augment else image, [image_size, image_size])
        pixels = tf.to_tensor(image).expand(3, -1, -1)
        return tf.normalize(pixels, list(mean), list(std))

    return transform
