"""The random flip is a step of every transform, that for validation included.

Fails: 00.build_transform.deterministic
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    if augment:
        steps += [v2.RandomAffine(10)]
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    return v2.Compose(steps)
