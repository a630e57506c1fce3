"""Transforms on tensors alone: augmentation comes last, and may leave a quarter of the picture."""


def build_transform(mean, std, image_size, augment=False):
    steps = [
        v2.ToImage(),
        v2.Resize((image_size, image_size)),
        v2.ToDtype(torch.float32, scale=True),
        v2.Lambda(lambda image: image.repeat(3, 1, 1)),
        v2.Normalize(list(mean), list(std)),
    ]
    if augment:
        steps.append(v2.RandomAffine(degrees=10, translate=(0.1, 0.1), scale=(0.5, 1.5)))
    return v2.Compose(steps)
