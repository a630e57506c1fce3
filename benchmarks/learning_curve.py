"""Draws the figure of exercise 08: accuracy by number of labelled images, on drawn garments.

It compares the reference answer with two methods without pretraining: the same head on the same
network with random weights, and logistic regression on grey values. The seed determines the
training images, 1,000 unseen images to measure on, and the random weights. The figure shows the
mean and the standard deviation over the seeds.

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
from torch import Tensor
from torchvision.models import get_model, get_model_weights

from grader.learner.figures import Curves, draw_accuracies, save
from grader.materials.exam import EMBEDDED, UNSEEN, draw_some
from solutions.capstone import Classifier, fit_head, train_classifier

FIGURE: Final = Path(__file__).parents[1] / "exercises" / "08" / "learning_curve.png"
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


METHODS: Final = {
    "pretrained (the reference)": pretrained,
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
        images, labels = draw_some(UNSEEN + count, torch.Generator().manual_seed(seed))
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
