"""Changes images at random unless told not to.

Fails: 00.build_transform.deterministic
"""


def build_transform(mean, std, image_size, augment=True):
    changes = [v2.RandomHorizontalFlip(), v2.RandomAffine(degrees=10)]
    return v2.Compose(
        [
            *(changes if augment else []),
            v2.Resize((image_size, image_size)),
            v2.Grayscale(num_output_channels=3),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean=list(mean), std=list(std)),
        ]
    )
