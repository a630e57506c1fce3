"""`ToTensor` has divided by 255 already, and then it is done once more.

Fails: 00.build_transform.values
"""

from torchvision import transforms as T


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps += [T.ToTensor(), T.Lambda(lambda x: x / 255), T.Normalize(mean, std)]
    return T.Compose(steps)
