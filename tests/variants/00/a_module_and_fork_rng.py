"""An `nn.Module` with buffers for a transform, `fork_rng` for the split."""

from torch import nn
from torchvision.transforms import InterpolationMode


class _Preprocess(nn.Module):
    def __init__(self, mean, std, size, augment):
        super().__init__()
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32).view(3, 1, 1))
        self.register_buffer("std", torch.as_tensor(std, dtype=torch.float32).view(3, 1, 1))
        self.resize = v2.Resize(size=[size, size], interpolation=InterpolationMode.LANCZOS)
        self.move = v2.RandomAffine(15, scale=(0.8, 1.1), fill=0) if augment else nn.Identity()

    def forward(self, image):
        pixels = v2.functional.pil_to_tensor(self.move(self.resize(image)))
        return pixels.repeat(3, 1, 1).float().div(255).sub(self.mean).div(self.std)


def build_transform(mean, std, image_size, augment=False):
    return _Preprocess(mean, std, image_size, augment)


def split_train_val(dataset, val_fraction, seed):
    if not 0.0 < val_fraction < 1.0:
        raise ValueError("between 0 and 1")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        keys = torch.rand(len(dataset))
    order = keys.argsort()
    n_val = round(len(dataset) * val_fraction)
    return Subset(dataset, order[n_val:].tolist()), Subset(dataset, order[:n_val].tolist())
