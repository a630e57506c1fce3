"""Trains the kit's own backbone, solely on images drawn by formulas.

    python -m grader.materials.backbone.pretrain --checkpoint FILE [--steps N] [--device cuda]

An interrupted run resumes from its checkpoint, with the same result as an uninterrupted one: the
images of a step depend only on the step's number.
"""

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from torchvision.models import ResNet, resnet18

from grader.materials.backbone.formulas import COUNTS, Formulas, make_formulas

SAVE_EVERY: Final = 200
BFLOAT16: Final = ("avx512_bf16", "amx_bf16", "bf16")  # capabilities of CPUs that can multiply it
_LARGE_PRIME: Final = 1_000_003


@dataclass(frozen=True)
class Recipe:
    """The hyperparameters of the training run.

    Attributes:
        steps: the number of training steps.
        batch: the number of images in a step.
        lr: the highest learning rate, reached after a twentieth of the steps.
        small_side: the side of the images in pixels, for the fraction `small_until` of the steps.
        side: the side of the images in pixels for the rest of the steps.
    """

    steps: int
    batch: int = 128
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 2e-4
    label_smoothing: float = 0.1
    small_side: int = 48
    small_until: float = 0.5
    side: int = 64
    solids: int = COUNTS["solids"]
    contours: int = COUNTS["contours"]
    fractals: int = COUNTS["fractals"]
    textures: int = COUNTS["textures"]
    seed: int = 0

    def formulas(self) -> Formulas:
        """The classes to learn."""
        return make_formulas(
            solids=self.solids,
            contours=self.contours,
            fractals=self.fractals,
            textures=self.textures,
            seed=self.seed,
        )

    def lr_at(self, step: int) -> float:
        """Linear warm-up, then cosine decay to zero (Loshchilov & Hutter, arXiv:1608.03983)."""
        warm = self.steps / 20
        if step < warm:
            return self.lr * (step + 1) / warm
        return self.lr * (1 + math.cos(math.pi * (step - warm) / (self.steps - warm))) / 2

    def side_at(self, step: int) -> int:
        """The side of a step's images: small at first, since that is cheaper and helps later."""
        return self.small_side if step < self.small_until * self.steps else self.side


def preprocess(images: Tensor, side: int) -> Tensor:
    """Grey images (n, h, w), 0 to 1, as a batch (n, 3, side, side) for the network."""
    resized = functional.interpolate(images[:, None], (side, side), mode="bilinear")
    return ((resized - 0.5) / 0.5).expand(-1, 3, -1, -1)


def batches(recipe: Recipe, formulas: Formulas, first: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Images and labels of each step, from step `first` on."""
    for step in range(first, recipe.steps):
        generator = Generator().manual_seed(recipe.seed * _LARGE_PRIME + step)
        labels = torch.randint(0, formulas.count, (recipe.batch,), generator=generator)
        yield _erase(formulas.draw(labels, generator), generator), labels


def _erase(images: Tensor, generator: Generator) -> Tensor:
    """Cover a rectangle of a third of the images (Zhong et al. 2020, arXiv:1708.04896)."""
    n, side = len(images), images.shape[-1]
    line = torch.arange(side)
    start = torch.rand(2, n, 1, generator=generator) * side
    length = (0.1 + 0.3 * torch.rand(2, n, 1, generator=generator)) * side
    rows, columns = ((line >= s) & (line < s + k) for s, k in zip(start, length, strict=True))
    covered = rows[:, :, None] & columns[:, None, :]
    covered &= torch.rand(n, 1, 1, generator=generator) < 0.33
    return images.masked_fill(covered, 0.0)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 saves time: on a CPU without instructions for it, it is much slower."""
    if device.type != "cpu":
        return True
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(known.get(name, False) for name in BFLOAT16)


def train(recipe: Recipe, checkpoint: Path, device: torch.device) -> ResNet:
    """Train the network, or resume an interrupted run.

    Args:
        recipe: the hyperparameters.
        checkpoint: the file that holds the state, from which an interrupted run resumes.
        device: the device to compute on.

    Returns:
        The trained network, with a head for all classes.
    """
    formulas = recipe.formulas()
    torch.manual_seed(recipe.seed)
    model = resnet18(num_classes=formulas.count).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        nesterov=True,
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
    half = multiplies_bfloat16(device)
    done = _restore(checkpoint, recipe, model, optimizer)
    began, right, seen = time.monotonic(), 0.0, 0
    for step, (images, labels) in enumerate(batches(recipe, formulas, done), done + 1):
        for group in optimizer.param_groups:
            group["lr"] = recipe.lr_at(step - 1)
        batch = preprocess(images.to(device), recipe.side_at(step - 1))
        labels = labels.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            logits = model(batch.contiguous(memory_format=torch.channels_last))
            loss = criterion(logits.float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right += float((logits.argmax(1) == labels).float().sum())
        seen += len(labels)
        if step % SAVE_EVERY == 0 or step == recipe.steps:
            _save(checkpoint, recipe, model, optimizer, step)
            speed = seen / (time.monotonic() - began)
            print(
                f"step {step}/{recipe.steps}  loss {loss.item():.3f}  "
                f"accuracy {right / seen:.3f}  {speed:.0f} images/s",
                flush=True,
            )
            began, right, seen = time.monotonic(), 0.0, 0
    return model


def _restore(path: Path, recipe: Recipe, model: nn.Module, optimizer: torch.optim.SGD) -> int:
    """Load the state of an interrupted run, if any, and return the number of steps done."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state["recipe"] != asdict(recipe):
        raise SystemExit(f"{path} has another recipe: name another file, or delete it")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def _save(
    path: Path, recipe: Recipe, model: nn.Module, optimizer: torch.optim.SGD, step: int
) -> None:
    draft = path.with_suffix(".part")
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**state, "recipe": asdict(recipe), "step": step}, draft)
    draft.replace(path)


def main() -> None:
    """Train the backbone with the default recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=16_000)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    train(Recipe(steps=options.steps), options.checkpoint, torch.device(options.device))


if __name__ == "__main__":
    main()
