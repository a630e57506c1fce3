"""The grey channel is normalised with the first entry, and copied to three channels after that.

Fails: 00.build_transform.values
"""


def build_transform(mean, std, image_size, augment=False):
    steps = [v2.RandomHorizontalFlip(), v2.RandomAffine(10)] if augment else []
    steps += [v2.Resize((image_size, image_size)), v2.ToImage()]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize([mean[0]], [std[0]])]
    return v2.Compose([*steps, v2.Lambda(lambda x: x.repeat(3, 1, 1))])
