"""Measures the backbone's accuracy on garments with few labels, against plain methods.

It uses real images (training on the first 3,000 of Fashion-MNIST's training file, measuring on its
t10k file) and drawn ones. The seed determines everything random in a method, and which images are
labelled, equally many of each class. The table shows the mean over the seeds and the standard
deviation.

Make choices with `--on validation`, which trains on the first 2,000 training images and
measures on the next 1,000: the t10k file is only for measuring. `--side` shows the network images
of another size, and the last line says what an image of that size costs.

    pip install --constraint constraints.txt ".[bench]"
    python benchmarks/transfer.py [--real ROOT] [--images real drawn] [--labels 100 300 1000]
                                  [--seeds 5] [--methods NAME ...] [--on validation]
                                  [--side PIXELS] [--results FILE] [--figure FILE]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import torch
from skimage.feature import hog
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional
from torchvision.datasets import FashionMNIST
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.transforms import v2

from grader.materials.backbone import EfficientNet_Lite0_Weights, efficientnet_lite0
from grader.materials.garments import CLASSES, draw_garments
from solutions.capstone import fit_head
from solutions.finetune import parameter_groups
from solutions.head import find_head, swap_head

SIDE: Final = 64  # pixels: of the DEFAULT entry
SIDE_TRAINED: Final = 96  # where all of the network is trained
BATCH: Final = 250  # images at a time, where nothing is trained


@dataclass(frozen=True)
class Images:
    """Images, uint8 (n, 28, 28), and labels, int64 (n,), to train on and to measure on."""

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor

    def some(self, count: int, seed: int) -> "Images":
        """The same, with only `count` of the training images, equally many of each class."""
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.train), generator=generator)
        each = count // len(CLASSES)
        of_class = [order[self.train_labels[order] == label] for label in range(len(CLASSES))]
        chosen = torch.cat([found[:each] for found in of_class])
        return Images(self.train[chosen], self.train_labels[chosen], self.test, self.test_labels)


def real_images(root: Path, on: str) -> Images:
    """The first 3,000 training images, measured on the test file or on a held-out part."""
    train = FashionMNIST(str(root), train=True, download=False)
    if on == "validation":
        images, labels = train.data[:3000], train.targets[:3000]
        return Images(images[:2000], labels[:2000], images[2000:], labels[2000:])
    test = FashionMNIST(str(root), train=False, download=False)
    return Images(train.data[:3000], train.targets[:3000], test.data, test.targets)


def drawn_images() -> Images:
    """Equally many images from the embedded generator."""
    return Images(*draw_garments(3000, seed=1), *draw_garments(1000, seed=2))


Method = Callable[[Images, int, int], float]  # images, seed, side in pixels → accuracy


def classify(train: np.ndarray, test: np.ndarray, images: Images) -> float:
    """Accuracy of a logistic regression on features (n, d)."""
    model = LogisticRegression(max_iter=500)
    model.fit(train, images.train_labels.numpy())
    return float(model.score(test, images.test_labels.numpy()))


def raw_pixels(images: Images, seed: int, side: int) -> float:
    """Logistic regression on grey values."""
    train, test = (part.flatten(1).numpy() / 255 for part in (images.train, images.test))
    return classify(train, test, images)


def hog_features(images: Images, seed: int, side: int) -> float:
    """Logistic regression on histograms of oriented gradients (Dalal & Triggs 2005).

    The images are enlarged as for the network: on validation images, that is better than 28 pixels.
    """
    cells = {"orientations": 9, "pixels_per_cell": (8, 8), "cells_per_block": (2, 2)}
    train, test = (
        np.stack([hog(image, **cells) for image in enlarge(part, side)[:, 0].numpy()])
        for part in (images.train, images.test)
    )
    return classify(train, test, images)


def random_maps(images: Images, seed: int, side: int) -> float:
    """Logistic regression on the feature maps of the same network with random weights."""
    torch.manual_seed(seed)
    return classify_features(Maps(efficientnet_lite0()), images, side)


def linear_probe(images: Images, seed: int, side: int) -> float:
    """Logistic regression on the last features of the pretrained backbone."""
    return classify_features(features(pretrained()), images, side)


def probe_of_maps(images: Images, seed: int, side: int) -> float:
    """Logistic regression on the feature maps of the pretrained backbone."""
    return classify_features(Maps(pretrained()), images, side)


def fine_tuning(images: Images, seed: int, side: int) -> float:
    """The pretrained backbone, fine-tuned as a whole, with its BatchNorm statistics kept."""
    return fine_tuned(pretrained(), images, seed, side)


def statistics_not_kept(images: Images, seed: int, side: int) -> float:
    """The same in training mode: BatchNorm normalises with each batch, and its statistics move."""
    return fine_tuned(pretrained(), images, seed, side, keep_statistics=False)


def from_scratch(images: Images, seed: int, side: int) -> float:
    """The same network, trained from random weights with the same number of steps."""
    torch.manual_seed(seed)
    return fine_tuned(efficientnet_lite0(), images, seed, side, keep_statistics=False)


METHODS: Final[dict[str, Method]] = {
    "raw pixels": raw_pixels,
    "HOG": hog_features,
    "random maps": random_maps,
    "linear probe": linear_probe,
    "probe of maps": probe_of_maps,
    "fine-tuning": fine_tuning,
    "statistics not kept": statistics_not_kept,
    "from scratch": from_scratch,
}


PRETRAINED: Final = {"linear probe", "probe of maps", "fine-tuning", "statistics not kept"}
TRAINED: Final = {"fine-tuning", "statistics not kept", "from scratch"}


def pretrained() -> nn.Module:
    """The backbone, with the weights that were trained on ImageNet."""
    return efficientnet_lite0(weights=EfficientNet_Lite0_Weights.DEFAULT)


def enlarge(images: Tensor, side: int) -> Tensor:
    """Enlarge images (n, 28, 28) to grey values from 0 to 1, (n, 1, side, side)."""
    return functional.interpolate(images[:, None] / 255, (side, side), mode="bilinear")


class Preprocess(nn.Module):
    """Images, uint8 (n, 28, 28) or (n, 3, 28, 28), to batches for the network."""

    def __init__(self, side: int) -> None:
        super().__init__()
        entry = EfficientNet_Lite0_Weights.DEFAULT
        self.transforms = entry.transforms(crop_size=side, resize_size=side)

    def forward(self, images: Tensor) -> Tensor:
        """Turn images into batches (n, 3, side, side)."""
        if images.ndim == 3:
            images = images[:, None].expand(-1, 3, -1, -1)
        return self.transforms(images).contiguous(memory_format=torch.channels_last)


def features(model: nn.Module) -> nn.Module:
    """The network without its head: averages over all places, (n, 1280)."""
    return nn.Sequential(*list(model.children())[:-1])


class Maps(nn.Module):
    """The last maps of an eighth of the image's side, as 8 x 8, and of a sixteenth, as 4 x 4.

    Where something is matters for garments, because all are upright and in the middle; an average
    over all places loses it. Of the stages and grids that were tried, these were the best on
    validation images.
    """

    GRIDS: Final = {"stage3": 8, "stage5": 4}

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.extractor = create_feature_extractor(model, list(self.GRIDS))

    def forward(self, batch: Tensor) -> Tensor:
        """Turn images (n, 3, h, w) into features (n, 4352)."""
        maps = self.extractor(batch)
        averages = [
            functional.adaptive_avg_pool2d(maps[name], grid) for name, grid in self.GRIDS.items()
        ]
        return torch.cat([average.flatten(1) for average in averages], dim=1)


class Probe(nn.Module):
    """A frozen network, and a linear head on its features."""

    def __init__(self, model: nn.Module, side: int) -> None:
        super().__init__()
        self.preprocess = Preprocess(side)
        self.model = model.to(memory_format=torch.channels_last)
        self.head = nn.LazyLinear(len(CLASSES))

    def features(self, images: Tensor) -> Tensor:
        """What the network makes of images, uint8 (n, 28, 28)."""
        found: Tensor = self.model(self.preprocess(images))
        return found

    def forward(self, images: Tensor) -> Tensor:
        """The logits (n, 10) of images, uint8 (n, 28, 28)."""
        logits: Tensor = self.head(self.features(images))
        return logits


def classify_features(model: nn.Module, images: Images, side: int) -> float:
    """Accuracy of a logistic regression on a frozen network's features, as in exercise 08."""
    probe = Probe(model, side)
    fit_head(probe, images.train, images.train_labels)
    return measure(probe, images)


def fine_tuned(
    model: nn.Module, images: Images, seed: int, side: int, *, keep_statistics: bool = True
) -> float:
    """The accuracy of a network with a new head, all of which is trained by lesson 06's recipe."""
    torch.manual_seed(seed)
    model = swap_head(model.to(memory_format=torch.channels_last), len(CLASSES))
    preprocess = Preprocess(side)
    rgb = images.train[:, None].expand(-1, 3, -1, -1)
    train_all(model, rgb, images.train_labels, preprocess, keep_statistics=keep_statistics)
    return measure(nn.Sequential(preprocess, model), images)


def train_all(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    transforms: nn.Module,
    steps: int = 300,
    keep_statistics: bool = True,
) -> None:
    """Train all of a model, whose head is new, on uint8 images (N, 3, H, W) and labels (N,)."""
    augment = v2.RandomAffine(degrees=5, translate=(0.07, 0.07), scale=(0.9, 1.1))
    groups = parameter_groups(model, find_head(model), head_lr=5e-3, backbone_lr=1e-3)
    optimizer = torch.optim.AdamW(groups, weight_decay=0.05)
    rates = [group["lr"] for group in groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    model.train(not keep_statistics)  # in eval mode, BatchNorm keeps its statistics
    for _ in range(steps):
        chosen = torch.randint(len(images), (32,))
        batch = torch.stack([augment(image) for image in images[chosen]])
        loss = criterion(model(transforms(batch)), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@torch.inference_mode()
def measure(model: nn.Module, images: Images) -> float:
    """The accuracy of a model that maps images, uint8 (n, 28, 28), to logits."""
    model.eval()
    logits = torch.cat([model(part) for part in images.test.split(BATCH)])
    return float((logits.argmax(dim=1) == images.test_labels).float().mean())


@torch.inference_mode()
def milliseconds(images: Images, side: int) -> float:
    """The CPU milliseconds that the network needs for an image of `side` pixels."""
    model = nn.Sequential(Preprocess(side), pretrained()).eval()
    batch = images.test[:BATCH]
    model(batch)  # the first call is slower
    began = time.process_time()
    model(batch)
    return 1000 * (time.process_time() - began) / len(batch)


Results = dict[
    str, dict[str, dict[int, list[float]]]
]  # images → method → labels → accuracies, one for each seed


def main() -> None:
    """Print the tables, each line as soon as it is measured."""
    options = parse()
    results: Results = {}
    if options.results and options.results.exists():
        content = json.loads(options.results.read_text())
        results = {
            source: {m: {int(n): a for n, a in found.items()} for m, found in methods.items()}
            for source, methods in content.items()
        }
    for source in options.images:
        root = options.real
        if source == "real" and not (root / "FashionMNIST" / "raw").is_dir():
            print(f"real images: left out, {root} holds no Fashion-MNIST (`--real ROOT`)")
            continue
        images = drawn_images() if source == "drawn" else real_images(root, options.on)
        print(f"{source} images, accuracy on {len(images.test)} others, {options.seeds} seeds")
        print(f"  {'labels':<20}" + "".join(f"{n:>16}" for n in options.labels))
        for name in options.methods:
            print(f"  {name:<20}", end="", flush=True)
            for count in options.labels:
                found = results.setdefault(source, {}).setdefault(name, {}).setdefault(count, [])
                side = options.side or (SIDE_TRAINED if name in TRAINED else SIDE)
                for seed in range(len(found), options.seeds):
                    found.append(METHODS[name](images.some(count, seed), seed, side))
                    if options.results:
                        options.results.write_text(json.dumps(results))
                print(f"{_mean(found):>9.3f} ± {_deviation(found):.3f}", end="", flush=True)
            print()
        side = options.side or SIDE
        print(f"  the network needs {milliseconds(images, side):.1f} CPU ms for {side} x {side}")
    if options.figure:
        draw(results, options.figure)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, default=Path("data"), metavar="ROOT")
    parser.add_argument("--images", nargs="+", default=["real", "drawn"])
    parser.add_argument("--labels", nargs="+", type=int, default=[100, 300, 1000])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--on", choices=["test", "validation"], default="test")
    parser.add_argument("--side", type=int, help="of the images that the network sees, in pixels")
    parser.add_argument("--results", type=Path, help="keep each result; go on from what is there")
    parser.add_argument("--figure", type=Path, help="draw the accuracies, with error bars")
    return parser.parse_args()


def _mean(found: list[float]) -> float:
    return statistics.fmean(found)


def _deviation(found: list[float]) -> float:
    return statistics.stdev(found) if len(found) > 1 else 0.0


def draw(results: Results, path: Path) -> None:
    """Draw accuracy against the number of labels, with one panel for each kind of images.

    Lines of pretrained methods are solid.
    """
    size = (4 * len(results) + 2, 4)
    figure, panels = plt.subplots(
        1, len(results), figsize=size, sharey=True, squeeze=False, layout="constrained"
    )
    chosen = [name for name in METHODS if any(name in methods for methods in results.values())]
    for panel, (source, methods) in zip(panels[0], results.items(), strict=True):
        for number, (name, marker) in enumerate(zip(chosen, "sD^>vXo*P", strict=False)):
            by_count = methods.get(name, {})
            counts = sorted(by_count)
            means = [_mean(by_count[n]) for n in counts]
            bars = [_deviation(by_count[n]) for n in counts]
            look = {"color": f"C{number}", "ls": "-" if name in PRETRAINED else "--"}
            panel.errorbar(counts, means, bars, marker=marker, capsize=3, label=name, **look)
        panel.set(xscale="log", xlabel="labelled images", title=f"{source} garments")
        measured = sorted({count for by_count in methods.values() for count in by_count})
        panel.set_xticks(measured, map(str, measured), minor=False)
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel("accuracy on others")
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside right upper")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
