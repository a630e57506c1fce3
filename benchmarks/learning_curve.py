"""Draws the figure of exercise 08: accuracy by number of labelled images, on drawn garments.

The garments are photographed by hand, as in the exam. The script compares the reference answer with
methods without pretraining: the same head on the same network with random weights, a small network
that is trained from scratch, and logistic regression on grey values. The seed determines the
training images, 1,000 unseen images to measure on, and all that is random in a method. The figure
shows the mean and the standard deviation over the seeds.

    pip install --constraint constraints.txt ".[bench]"
    python benchmarks/learning_curve.py [--labels 100 300 1000] [--seeds 3] [--figure FILE]
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, stdev
from typing import Final

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import get_model, get_model_weights

from grader.learner.figures import Curves, draw_accuracies, save
from grader.materials.exam import EMBEDDED, UNSEEN, photograph_some
from solutions.capstone import Classifier, fit_head, train_classifier

FIGURE: Final = Path(__file__).parents[1] / "exercises" / "08" / "learning_curve.png"
STEPS: Final = 600
BATCH: Final = 50
LR: Final = 3e-3
Predict = Callable[[Tensor], Tensor]  # images → classes


def pretrained(images: Tensor, labels: Tensor, seed: int) -> Predict:
    """The reference answer on the CPU: a linear head on pretrained features."""
    model = train_classifier(images, labels, backbone=EMBEDDED, device="cpu", seed=seed)
    return lambda unseen: model(unseen).argmax(dim=1)


def random_weights(images: Tensor, labels: Tensor, seed: int) -> Predict:
    """The same head on the same network, but with random weights."""
    torch.manual_seed(seed)
    preprocess = get_model_weights(EMBEDDED).DEFAULT.transforms()
    model = Classifier(get_model(EMBEDDED, weights=None), preprocess)
    fit_head(model, images, labels)
    return lambda unseen: model(unseen).argmax(dim=1)


def raw_pixels(images: Tensor, labels: Tensor, seed: int) -> Predict:
    """Logistic regression on grey values."""
    model = LogisticRegression(max_iter=1000)
    model.fit(images.flatten(1).numpy() / 255, labels.numpy())
    return lambda unseen: torch.from_numpy(model.predict(unseen.flatten(1).numpy() / 255))


def from_scratch(images: Tensor, labels: Tensor, seed: int) -> Predict:
    """A small convolutional network, trained from random weights on mirrored images, too."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for channels, width in ((1, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        layers += [nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.5), nn.Linear(128 * 9, 10))
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=STEPS)
    for _ in range(STEPS):
        chosen = torch.randint(0, len(images), (BATCH,))
        batch = images[chosen, None] / 255
        batch = torch.where(torch.rand(BATCH, 1, 1, 1) < 0.5, batch.flip(-1), batch)
        loss = F.cross_entropy(model(batch), labels[chosen], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    model.eval()
    return lambda unseen: model(unseen[:, None] / 255).argmax(dim=1)


METHODS: Final = {
    "pretrained (the reference)": pretrained,
    "from scratch, a small CNN": from_scratch,
    "raw pixels": raw_pixels,
    "random weights": random_weights,
}


def main() -> None:
    """Print a row as soon as it is measured, then draw the figure."""
    options = parse()
    print(f"accuracy on {UNSEEN} others, mean and standard deviation of {options.seeds} seeds")
    print(f"  {'labels':<28}" + "".join(f"{count:>16}" for count in options.labels))
    curves: Curves = {}
    for name in METHODS:
        curves[name] = {count: measure(name, count, options.seeds) for count in options.labels}
        cells = (f"{fmean(runs):>8.3f} ± {stdev(runs):.3f}" for runs in curves[name].values())
        print(f"  {name:<28}" + "".join(cells), flush=True)
    save(draw_accuracies(curves), options.figure)


def measure(name: str, count: int, seeds: int) -> list[float]:
    """The accuracies of a method, one for each seed."""
    accuracies = []
    for seed in range(seeds):
        images, labels = photograph_some(UNSEEN + count, torch.Generator().manual_seed(seed))
        predict = METHODS[name](images[UNSEEN:], labels[UNSEEN:], seed)
        with torch.no_grad():
            right = predict(images[:UNSEEN]) == labels[:UNSEEN]
        accuracies.append(float(right.float().mean()))
    return accuracies


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", nargs="+", type=int, default=[100, 300, 1000])
    parser.add_argument("--seeds", type=int, default=3, help="two or more")
    parser.add_argument("--figure", type=Path, default=FIGURE, help="where to draw it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
