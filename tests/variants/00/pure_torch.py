"""Tensors alone: `frombuffer`, `interpolate`, a sampled grid; subsets of a subset; own collation."""

from torch.nn import functional as F


def _turned(pixels, generator):
    angle = (torch.rand((), generator=generator) - 0.5) * 0.4
    cos, sin, shift = angle.cos(), angle.sin(), torch.rand(2, generator=generator) * 0.2 - 0.1
    theta = torch.stack([cos, -sin, shift[0], sin, cos, shift[1]]).view(1, 2, 3)
    grid = F.affine_grid(theta, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def build_transform(mean, std, image_size, augment=False):
    scale = 1 / (255 * torch.tensor(std, dtype=torch.float32)).view(3, 1, 1)
    offset = (torch.tensor(mean, dtype=torch.float32) / torch.tensor(std)).view(3, 1, 1)
    generator = torch.Generator().manual_seed(0)  # begins once and goes on

    @torch.inference_mode()
    def transform(image: Image.Image) -> Tensor:
        flat = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        pixels = flat.view(1, 1, image.height, image.width).float()
        size = (image_size, image_size)
        pixels = F.interpolate(pixels, size, mode="bilinear", antialias=True)
        if augment:
            pixels = _turned(pixels, generator)
        return pixels[0] * scale - offset

    return transform


def split_train_val(dataset, val_fraction, seed):
    if min(val_fraction, 1 - val_fraction) <= 0:
        raise ValueError("val_fraction must leave something on both sides")
    count = len(dataset)
    generator = torch.Generator()
    generator.manual_seed(seed)
    shuffled = Subset(dataset, torch.randperm(count, generator=generator))
    train_size = count - round(val_fraction * count)
    return Subset(shuffled, range(train_size)), Subset(shuffled, range(train_size, count))


def build_loader(dataset, batch_size, shuffle, seed=0):
    options = {
        "batch_size": batch_size,
        "collate_fn": lambda items: [*map(torch.stack, zip(*items))],
    }
    if shuffle:
        options |= {"shuffle": True, "generator": torch.Generator().manual_seed(seed)}
    return DataLoader(dataset, **options)
