"""The training transform was written a second time, and its last step was forgotten.

Fails: 00.build_transform.augment_keeps_the_rest
"""


def build_transform(mean, std, image_size, augment=False):
    common = [v2.Resize((image_size, image_size)), v2.Grayscale(3), v2.ToImage()]
    common += [v2.ToDtype(torch.float32, scale=True)]
    if augment:
        return v2.Compose([v2.RandomHorizontalFlip(), *common])
    return v2.Compose([*common, v2.Normalize(mean, std)])
