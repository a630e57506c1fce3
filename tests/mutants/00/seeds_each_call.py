"""Seeds torch in every call, so that the change is the same each time.

Fails: 00.build_transform.augment_anew
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    steps = v2.Compose(steps)

    def transform(image):
        torch.manual_seed(0)
        return steps(image)

    return transform
