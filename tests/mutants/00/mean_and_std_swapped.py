"""`Normalize` gets its two arguments the wrong way round.

Fails: 00.build_transform.values
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(std, mean)]
    return v2.Compose(steps)
