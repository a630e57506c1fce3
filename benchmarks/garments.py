"""Measures the drawn garments: speed, difficulty, and similarity to real garments.

The similarity is the accuracy on real images of a small network that was trained only on drawn
ones. The real images are the first 3,000 of Fashion-MNIST's training file. The last line is the
accuracy on the t10k file, which was not used for any choice.

    pip install --constraint constraints.txt ".[bench]"
    python benchmarks/garments.py [--real ROOT] [--sheet FILE]
"""

import argparse
import time
from pathlib import Path

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional
from torchvision.datasets import FashionMNIST
from torchvision.utils import make_grid, save_image

from grader.materials.garments import CLASSES, draw_garments

COUNT = 10_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, default=Path("data"), metavar="ROOT")
    parser.add_argument("--sheet", type=Path, help="draw a sheet: a row drawn, a row real")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    images, labels = draw_garments(COUNT, seed=1)
    print(f"{COUNT / (time.perf_counter() - began):.0f} images a second on one core")
    others, of_them = draw_garments(2000, seed=2)
    linear = LogisticRegression(C=0.1, max_iter=500).fit(pixels(images[:1000]), labels[:1000])
    right = linear.score(pixels(others), of_them)
    print(f"{right:.3f}  linear model on pixels, 1,000 labels, on other drawn images")
    model = train(images, labels)
    print(f"{accuracy(model, others, of_them):.3f}  small network, {COUNT:,} labels, on the same")
    if not (options.real / "FashionMNIST" / "raw").is_dir():
        print(f"real images: left out, {options.real} holds no Fashion-MNIST (`--real ROOT`)")
        return
    real = FashionMNIST(str(options.real), train=True)
    chosen, their_labels = real.data[:3000], real.targets[:3000]
    print(f"{accuracy(model, chosen, their_labels):.3f}  the same network on 3,000 real images")
    counts = torch.zeros(10, 10, dtype=torch.int64)
    counts.index_put_((their_labels, predict(model, chosen)), torch.tensor(1), accumulate=True)
    print("\nreal images by class (rows) and by what the network takes them for (columns)")
    for name, row in zip(CLASSES, counts.tolist(), strict=True):
        print(f"  {name:<12}" + "".join(f"{count:5}" for count in row))
    test = FashionMNIST(str(options.real), train=False)
    print(f"\n{accuracy(model, test.data, test.targets):.3f}  the same network on the t10k file")
    if options.sheet:
        drawn = [images[labels == label][:20] for label in range(10)]
        there = [chosen[their_labels == label][:20] for label in range(10)]
        rows = [row for pair in zip(drawn, there, strict=True) for row in pair]
        save_image(make_grid(torch.cat(rows)[:, None] / 255, nrow=20, padding=1), options.sheet)


def pixels(images: Tensor) -> Tensor:
    """The images as grey values from 0 to 1, (n, 784)."""
    return images.flatten(1) / 255


def train(images: Tensor, labels: Tensor, *, epochs: int = 4) -> nn.Module:
    """Train a small network, with small random shifts and changes of brightness."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for channels, width in ((1, 24), (24, 48), (48, 96)):
        convolution = nn.Conv2d(channels, width, kernel_size=3, padding=1)
        layers += [convolution, nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.4), nn.Linear(96 * 9, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    steps = epochs * len(images) // 64
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for _ in range(steps):
        some = torch.randint(0, len(images), (64,))
        rows, columns = torch.randint(-1, 2, (2,)).tolist()
        batch = images[some, None].roll((rows, columns), dims=(2, 3)) / 255
        logits = model(batch * (0.7 + 0.6 * torch.rand(64, 1, 1, 1)))
        loss = functional.cross_entropy(logits, labels[some], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


@torch.inference_mode()
def predict(model: nn.Module, images: Tensor) -> Tensor:
    """The classes that the model predicts."""
    return torch.cat([model(part[:, None] / 255).argmax(1) for part in images.split(500)])


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The fraction of images that the model classifies correctly."""
    return float((predict(model, images) == labels).float().mean())


if __name__ == "__main__":
    main()
