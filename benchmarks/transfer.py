"""Measures the backbone's accuracy on garments with few labels, against plain methods.

It uses real images (training on the first 3,000 of Fashion-MNIST's training file, measuring on its
t10k file) and drawn ones. The seed determines everything random in a method, and which images are
labelled, equally many of each class. The table shows the mean over the seeds and the standard
deviation.

Make choices with `--on validation`, which trains on the first 2,000 training images and
measures on the next 1,000: the t10k file is only for measuring.

    pip install --constraint constraints.txt ".[bench]"
    python benchmarks/transfer.py [--real ROOT] [--images real drawn] [--labels 100 300 1000]
                                  [--seeds 5] [--methods NAME ...] [--on validation]
                                  [--results FILE] [--figure FILE]
"""

import argparse
import json
import statistics
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

from grader.materials.backbone import EfficientNet_Lite0_Weights, efficientnet_lite0
from grader.materials.garments import CLASSES, draw_garments
from solutions.capstone import fit_head
from solutions.finetune import parameter_groups
from solutions.head import find_head, swap_head

BATCH: Final = 64
STEPS: Final = 200
SIDE: Final = 64
GRID: Final = 6


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


Method = Callable[[Images, int], float]


def classify(train: np.ndarray, test: np.ndarray, images: Images) -> float:
    """Accuracy of a logistic regression on features (n, d)."""
    model = LogisticRegression(max_iter=500)
    model.fit(train, images.train_labels.numpy())
    return float(model.score(test, images.test_labels.numpy()))


def raw_pixels(images: Images, seed: int) -> float:
    """Logistic regression on grey values."""
    train, test = (part.flatten(1).numpy() / 255 for part in (images.train, images.test))
    return classify(train, test, images)


def hog_features(images: Images, seed: int) -> float:
    """Logistic regression on histograms of oriented gradients (Dalal & Triggs 2005).

    The images are enlarged as for the network: on validation images, that is better than 28 pixels.
    """
    cells = {"orientations": 9, "pixels_per_cell": (8, 8), "cells_per_block": (2, 2)}
    train, test = (
        np.stack([hog(image, **cells) for image in enlarge(part)[:, 0].numpy()])
        for part in (images.train, images.test)
    )
    return classify(train, test, images)


def random_maps(images: Images, seed: int) -> float:
    """Logistic regression on the feature maps of the same network with random weights."""
    torch.manual_seed(seed)
    return classify_features(Maps(efficientnet_lite0()), images)


def linear_probe(images: Images, seed: int) -> float:
    """Logistic regression on the last features of the pretrained backbone."""
    return classify_features(features(pretrained()), images)


def probe_of_maps(images: Images, seed: int) -> float:
    """Logistic regression on the feature maps of the pretrained backbone."""
    return classify_features(Maps(pretrained()), images)


def fine_tuning(images: Images, seed: int) -> float:
    """The pretrained backbone, fine-tuned as a whole, with its BatchNorm statistics kept."""
    return fine_tuned(images, seed, keep_statistics=True)


def statistics_not_kept(images: Images, seed: int) -> float:
    """The same in training mode: BatchNorm normalises with each batch, and its statistics move."""
    return fine_tuned(images, seed, keep_statistics=False)


def from_scratch(images: Images, seed: int) -> float:
    """The same network, trained from random weights with the same number of steps."""
    torch.manual_seed(seed)
    model = swap_head(efficientnet_lite0(), len(CLASSES))
    fine_tune(model, images, seed, backbone_lr=5e-3, keep_statistics=False)
    return measure(model, images)


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


def pretrained() -> nn.Module:
    """The backbone, with the weights that were trained on ImageNet."""
    return efficientnet_lite0(weights=EfficientNet_Lite0_Weights.DEFAULT)


def enlarge(images: Tensor) -> Tensor:
    """Enlarge images (n, 28, 28) to grey values from 0 to 1, (n, 1, 64, 64)."""
    return functional.interpolate(images[:, None] / 255, (SIDE, SIDE), mode="bilinear")


def preprocess(images: Tensor) -> Tensor:
    """Turn images, uint8 (n, 28, 28), into batches (n, 3, 64, 64) for the network."""
    batch = EfficientNet_Lite0_Weights.DEFAULT.transforms()(images[:, None].expand(-1, 3, -1, -1))
    return batch.contiguous(memory_format=torch.channels_last)


def features(model: nn.Module) -> nn.Module:
    """The network without its head: averages over all places, (n, 1280)."""
    return nn.Sequential(*list(model.children())[:-1])


class Maps(nn.Module):
    """The last maps of 8 x 8 places in the network, averaged to 6 x 6, and of 4 x 4: (n, 19392).

    Where something is matters for garments, because all are upright and in the middle; an average
    over all places loses it. Of the sizes and grids that were tried, these were the
    best on validation images.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.found: dict[int, Tensor] = {}
        for module in model.modules():
            module.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, inputs: object, output: Tensor) -> None:
        if output.ndim == 4:
            self.found[output.shape[2]] = output

    def forward(self, batch: Tensor) -> Tensor:
        """Turn images (n, 3, h, w) into maps (n, 19392)."""
        self.model(batch)
        chosen = [
            functional.adaptive_avg_pool2d(self.found[side], min(side, GRID)) for side in (8, 4)
        ]
        return torch.cat([part.flatten(1) for part in chosen], dim=1)


class Probe(nn.Module):
    """A frozen network, and a linear head on its features."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model.to(memory_format=torch.channels_last)
        self.head = nn.LazyLinear(len(CLASSES))

    def features(self, images: Tensor) -> Tensor:
        """What the network makes of images, uint8 (n, 28, 28)."""
        found: Tensor = self.model(preprocess(images))
        return found


@torch.no_grad()
def classify_features(model: nn.Module, images: Images) -> float:
    """Accuracy of a logistic regression on a frozen network's features, as in exercise 08."""
    probe = Probe(model)
    with torch.enable_grad():
        fit_head(probe, images.train, images.train_labels)
    logits = torch.cat([probe.head(probe.features(part)) for part in images.test.split(250)])
    return float((logits.argmax(dim=1) == images.test_labels).float().mean())


def augment(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror half of the images, uint8 (n, h, w); turn, stretch and shift each a little."""
    n = len(images)
    normal = torch.randn(6, n, generator=generator)
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = mirror * (0.08 * normal[0]).exp()
    theta[:, 1, 1] = (0.08 * normal[1]).exp()
    theta[:, 0, 1] = 0.06 * normal[2]
    theta[:, 1, 0] = -0.06 * normal[3]
    theta[:, 0, 2] = 0.07 * normal[4]
    theta[:, 1, 2] = 0.07 * normal[5]
    grid = functional.affine_grid(theta, [n, 1, *images.shape[1:]], align_corners=False)
    moved = functional.grid_sample(images[:, None].float(), grid, align_corners=False)[:, 0]
    return moved.clamp(0, 255).to(torch.uint8)


def fine_tuned(images: Images, seed: int, *, keep_statistics: bool) -> float:
    """The accuracy of the pretrained backbone with a new head, fine-tuned as a whole."""
    torch.manual_seed(seed)
    model = swap_head(pretrained(), len(CLASSES), dropout=0.2)
    fine_tune(model, images, seed, backbone_lr=1e-3, keep_statistics=keep_statistics)
    return measure(model, images)


def fine_tune(
    model: nn.Module, images: Images, seed: int, *, backbone_lr: float, keep_statistics: bool
) -> None:
    """Train all of a network with AdamW and a one-cycle schedule.

    Its numbers are usual ones: they have not been tuned to this network.
    """
    model.to(memory_format=torch.channels_last).train(not keep_statistics)
    head = find_head(model)
    model.get_submodule(head.rpartition(".")[0]).train()  # its Dropout
    groups = parameter_groups(model, head, head_lr=5e-3, backbone_lr=backbone_lr)
    optimizer = torch.optim.AdamW(groups, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in groups], total_steps=STEPS, pct_start=0.2
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(STEPS):
        chosen = torch.randint(0, len(images.train), (BATCH,), generator=generator)
        batch = preprocess(augment(images.train[chosen], generator))
        loss = criterion(model(batch), images.train_labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@torch.inference_mode()
def measure(model: nn.Module, images: Images) -> float:
    """The accuracy with the summed logits of each test image and its mirror image."""
    model.eval()
    right = 0
    for part, labels in zip(images.test.split(256), images.test_labels.split(256), strict=True):
        batch = preprocess(part)
        logits = model(batch) + model(batch.flip(-1))
        right += int((logits.argmax(1) == labels).sum())
    return right / len(images.test)


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
        print(f"  {'labels':<16}" + "".join(f"{n:>16}" for n in options.labels))
        for name in options.methods:
            print(f"  {name:<16}", end="", flush=True)
            for count in options.labels:
                found = results.setdefault(source, {}).setdefault(name, {}).setdefault(count, [])
                for seed in range(len(found), options.seeds):
                    found.append(METHODS[name](images.some(count, seed), seed))
                    if options.results:
                        options.results.write_text(json.dumps(results))
                print(f"{_mean(found):>9.3f} ± {_deviation(found):.3f}", end="", flush=True)
            print()
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
