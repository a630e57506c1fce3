"""Measures how fast the reference of exercise 08 trains, compared with a common notebook recipe.

Both train VGG-16 from the same weights on the same images of 224 pixels, on one device in one run.

The notebook recipe freezes `features`, replaces the last layer of the classifier, preprocesses
image by image with PIL in a DataLoader without workers, and trains what is not frozen with Adam
(1e-4), batches of 32, in float32; each epoch passes all images through the whole network.

The reference is `solutions/capstone.py`: preprocessing in batches on the device, frozen features
computed once, a head fitted to them; on a GPU bfloat16 and then fine-tuning of all layers.

Printed for each:

- images a second: for the notebook, N images ÷ the seconds of its first epoch; for the reference,
  N ÷ the seconds of the whole training, however often it sees each image. So the reference gets no
  credit for its epochs, and the notebook is not charged for needing several.
- seconds until an accuracy on held-out images is first reached. The notebook is measured after each
  batch, the reference after fitting its head and after fine-tuning. The time for measuring and for
  making the model is not counted. "Not reached" means that `--epochs` of the notebook, or the one
  training of the reference, were not enough.

The weights are ImageNet's (DEFAULT) if torch's hub cache has the file (nothing is downloaded), and
random otherwise. With random weights the speeds are still valid, but the accuracies say nothing
about transfer. On a CPU the defaults are small: two or three minutes on one idle core. There, the
notebook gets at most 18 batches. On random features it needs most of them to reach an accuracy of
0.3, three times that of guessing, so that is the default aim. With ImageNet's weights, pass a
higher one.

    python benchmarks/training.py [--device cuda] [--images 10000] [--accuracy 0.8] [--epochs 10]
                                  [--real ROOT]
"""

import argparse
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.datasets import FashionMNIST
from torchvision.models import VGG16_Weights, vgg16

from grader.materials.garments import CLASSES, draw_garments
from grader.materials.weights import cached_file
from solutions.capstone import EPOCHS, Classifier, fine_tune, fit_head

SEED: Final = 0
BATCH: Final = 32
WEIGHTS: Final = VGG16_Weights.DEFAULT
HAS_WEIGHTS: Final = cached_file(WEIGHTS).is_file()


@dataclass(frozen=True)
class Size:
    """The default sizes of a run, for one kind of device."""

    images: int
    held_out: int
    accuracy: float
    epochs: int


ON_CPU: Final = Size(images=64, held_out=60, accuracy=0.3, epochs=9)
ON_GPU: Final = Size(images=10_000, held_out=2000, accuracy=0.8, epochs=10)


@dataclass(frozen=True)
class Images:
    """Images, uint8 (n, 28, 28), and labels, int64 (n,), to train on and to measure on."""

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor


@dataclass(frozen=True)
class Training:
    """The measurements of one training.

    Attributes:
        counted: the seconds of an epoch (notebook) or of the whole training (reference).
        reached: the seconds until the accuracy was first reached; None if it was not.
        best: the best accuracy on the held-out images.
    """

    counted: float
    reached: float | None
    best: float


class Stopwatch:
    """Measures the seconds of work on a device, and when an accuracy was first reached."""

    def __init__(self, device: torch.device, aim: float) -> None:
        self.device = device
        self.aim = aim
        self.best = 0.0
        self.reached: float | None = None
        self.seconds = 0.0
        self.began = self._now()

    def pause(self) -> None:
        """Stop counting time."""
        self.seconds += self._now() - self.began

    def resume(self) -> None:
        """Count time again."""
        self.began = self._now()

    def note(self, accuracy: float) -> None:
        """Record an accuracy, while paused."""
        self.best = max(self.best, accuracy)
        if self.reached is None and accuracy >= self.aim:
            self.reached = self.seconds

    def _now(self) -> float:
        if self.device.type == "cuda":  # wait for its queued work
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--images", type=int, help="to train on")
    parser.add_argument("--accuracy", type=float, help="to reach on held-out images")
    parser.add_argument("--epochs", type=int, help="of the notebook, at most")
    parser.add_argument("--real", type=Path, metavar="ROOT", help="where Fashion-MNIST lies")
    options = parser.parse_args()
    device = torch.device(options.device)
    size = ON_CPU if device.type == "cpu" else ON_GPU
    aim = size.accuracy if options.accuracy is None else options.accuracy
    images = load(options.real, options.images or size.images, size.held_out)
    print(f"VGG-16, {'ImageNet' if HAS_WEIGHTS else 'random'} weights, on {name_of(device)}")
    print(
        f"{len(images.train):,} {'real' if options.real else 'drawn'} images to train on, "
        f"{len(images.test):,} held out, an accuracy of {aim:.2f} to reach"
    )
    if device.type == "cpu":
        print("A run on a CPU is small: it shows the order of magnitude only.")
    warm_up(device, images)
    notebook = train_notebook(images, device, aim, options.epochs or size.epochs)
    reference = train_reference(images, device, aim)
    print_table(notebook, reference, len(images.train))


def load(real: Path | None, count: int, held_out: int) -> Images:
    """Load drawn garments, or the first real ones of each file."""
    if real is None:
        return Images(*draw_garments(count, seed=1), *draw_garments(held_out, seed=2))
    train = FashionMNIST(str(real), train=True, download=False)
    test = FashionMNIST(str(real), train=False, download=False)
    return Images(
        train.data[:count], train.targets[:count], test.data[:held_out], test.targets[:held_out]
    )


def name_of(device: torch.device) -> str:
    """The name of the device, for the printed report."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{device.type} ({platform.machine()}, {threads} thread{'s' if threads > 1 else ''})"


def make_vgg() -> nn.Module:
    """The network with which both begin."""
    torch.manual_seed(SEED)
    return vgg16(weights=WEIGHTS if HAS_WEIGHTS else None)


def warm_up(device: torch.device, images: Images) -> None:
    """Let a GPU load its kernels first, so that this is counted for neither of the two."""
    if device.type == "cpu":
        return
    few = Images(*(part[:BATCH] for part in vars(images).values()))
    train_notebook(few, device, aim=0, epochs=1)
    train_reference(few, device, aim=0)


def train_notebook(images: Images, device: torch.device, aim: float, epochs: int) -> Training:
    """Train with the common recipe until the accuracy is reached and one epoch is complete."""
    model = make_vgg()
    for parameter in model.features.parameters():
        parameter.requires_grad = False
    model.classifier[6] = nn.Linear(4096, len(CLASSES))
    model.to(device)
    loader = DataLoader(Garments(images.train, images.train_labels), BATCH, shuffle=True)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    test = frozen_features(model, images.test, device)
    epoch_seconds = 0.0
    model.train()
    watch = Stopwatch(device, aim)
    for epoch in range(epochs):
        for batch, labels in loader:
            batch, labels = batch.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(batch), labels)
            loss.backward()
            optimizer.step()
            watch.pause()
            model.eval()
            with torch.no_grad():
                watch.note(share_right(model.classifier(test), images.test_labels))
            model.train()
            watch.resume()
        watch.pause()
        if epoch == 0:
            epoch_seconds = watch.seconds
        if watch.reached is not None:
            break
        watch.resume()
    return Training(epoch_seconds, watch.reached, watch.best)


class Garments(Dataset):
    """A dataset of images that PIL preprocesses one by one."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = images
        self.labels = labels
        self.transform = transforms.Compose(
            [
                transforms.Grayscale(num_output_channels=3),
                transforms.Resize((224, 224)),
                transforms.ToTensor(),
                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.images[index].numpy())
        return self.transform(image), int(self.labels[index])


@torch.no_grad()
def frozen_features(model: nn.Module, images: Tensor, device: torch.device) -> Tensor:
    """The frozen part's features of held-out images, computed once to make measuring quick."""
    loader = DataLoader(Garments(images, torch.zeros(len(images))), BATCH)
    parts = [model.avgpool(model.features(batch.to(device))).flatten(1) for batch, _ in loader]
    return torch.cat(parts)


def train_reference(images: Images, device: torch.device, aim: float) -> Training:
    """Train as the reference's `train_classifier` does."""
    model = Classifier(make_vgg(), WEIGHTS.transforms()).to(device)
    watch = Stopwatch(device, aim)
    train, labels = images.train.to(device), images.train_labels.to(device)
    fit_head(model, train, labels)
    watch.pause()
    watch.note(accuracy(model, images))
    if device.type != "cpu":
        watch.resume()
        fine_tune(model, train, labels, epochs=EPOCHS, seed=SEED)
        watch.pause()
        watch.note(accuracy(model, images))
    return Training(watch.seconds, watch.reached, watch.best)


@torch.no_grad()
def accuracy(model: nn.Module, images: Images) -> float:
    """The accuracy of the reference's model on the held-out images."""
    return share_right(model.eval()(images.test), images.test_labels)


def share_right(logits: Tensor, labels: Tensor) -> float:
    """The fraction whose predicted class is right."""
    return float((logits.argmax(1).cpu() == labels).float().mean())


def print_table(notebook: Training, reference: Training, count: int) -> None:
    """Print the figures of both, and their ratios."""
    rates = [f"{count / training.counted:.2f}" for training in (notebook, reference)]
    times = [
        "not reached" if training.reached is None else f"{training.reached:.1f} s"
        for training in (notebook, reference)
    ]
    rows = [
        ("", "notebook", "reference", "ratio"),
        (
            "one epoch, the whole training",
            f"{notebook.counted:.1f} s",
            f"{reference.counted:.1f} s",
            "",
        ),
        ("images a second", *rates, ratio(notebook.counted, reference.counted)),
        ("until the accuracy is reached", *times, ratio(notebook.reached, reference.reached)),
        ("best accuracy", f"{notebook.best:.3f}", f"{reference.best:.3f}", ""),
    ]
    for name, *cells in rows:
        print(f"  {name:<30}" + "".join(f"{cell:>13}" for cell in cells).rstrip())


def ratio(notebook: float | None, reference: float | None) -> str:
    """How many times as long the notebook takes; empty if either did not reach the accuracy."""
    if notebook is None or reference is None:
        return ""
    return f"{notebook / reference:.1f} times"


if __name__ == "__main__":
    main()
