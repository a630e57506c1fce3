"""An `unsqueeze(0)` is left in from trying the transform on a model.

Fails: 00.build_transform.shape
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.Grayscale(3)]
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    return v2.Compose([*steps, v2.Lambda(lambda x: x.unsqueeze(0))])
