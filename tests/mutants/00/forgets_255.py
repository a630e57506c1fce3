"""The pixels become floats, but stay between 0 and 255.

Fails: 00.build_transform.values
"""


def build_transform(mean, std, image_size, augment=False):
    random_changes = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    return v2.Compose(
        [
            *random_changes,
            v2.Resize((image_size, image_size)),
            v2.Grayscale(3),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32),  # scale=True is missing
            v2.Normalize(mean, std),
        ]
    )
