"""`RandomHorizontalFlip(p=1.0)`: the change is the same for every image and every call.

Fails: 00.build_transform.augment_anew
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(p=1.0)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3), v2.ToImage()]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    return v2.Compose(steps)
