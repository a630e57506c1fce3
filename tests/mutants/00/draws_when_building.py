"""A coin is thrown when the transform is built: every image is flipped, or none.

Fails: 00.build_transform.augment_anew
"""


def build_transform(mean, std, image_size, augment=False):
    flip = augment and torch.rand(()).item() < 0.5
    steps = [v2.RandomHorizontalFlip(p=1.0)] if flip else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3), v2.ToImage()]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    return v2.Compose(steps)
