"""The pixels are reshaped to `image.size`, which is (width, height).

Fails: 00.build_transform.any_size
"""


def build_transform(mean, std, image_size, augment=False):
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]

    def transform(image):
        pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        pixels = pixels.reshape(1, 1, *image.size).float() / 255
        pixels = nn.functional.interpolate(pixels, (image_size, image_size), mode="bilinear")
        if augment and torch.rand(()) < 0.5:
            pixels = pixels.flip(-1)
        return (pixels[0].expand(3, -1, -1) - mean) / std

    return transform


from torch import nn
