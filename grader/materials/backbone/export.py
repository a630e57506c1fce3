"""Writes the weights of a finished run into the package, and prints their facts for `model.py`.

python -m grader.materials.backbone.export --checkpoint FILE
"""

import argparse
import hashlib
from pathlib import Path

import safetensors.torch
import torch
from torch import Generator, Tensor, nn
from torchvision.models import resnet18

from grader.materials.backbone.model import FILE_NAME
from grader.materials.backbone.pretrain import Recipe, preprocess

UNSEEN_SEED = 1 << 40  # not the seed of any training step
IMAGES = 10_000


def half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state in half precision, except for integer counters.

    Raises:
        OverflowError: when a value is too large for half precision.
    """
    small = {name: t.half() if t.is_floating_point() else t for name, t in state.items()}
    small = {name: tensor.contiguous() for name, tensor in small.items()}
    for name, tensor in small.items():
        if not tensor.isfinite().all():
            raise OverflowError(f"{name} does not fit into half precision")
    return small


@torch.inference_mode()
def accuracy(model: nn.Module, recipe: Recipe, count: int = IMAGES) -> float:
    """The fraction of `count` new images that the model classifies correctly."""
    formulas, generator = recipe.formulas(), Generator().manual_seed(UNSEEN_SEED)
    model.eval()
    right = 0
    for labels in torch.randint(0, formulas.count, (count,), generator=generator).split(250):
        logits = model(preprocess(formulas.draw(labels, generator), recipe.side))
        right += int((logits.argmax(1) == labels).sum())
    return right / count


def main() -> None:
    """Export the weights, and print their size, hash and accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    checkpoint = torch.load(parser.parse_args().checkpoint, weights_only=True)
    recipe = Recipe(**checkpoint["recipe"])
    if checkpoint["step"] < recipe.steps:
        raise SystemExit(f"the run is at step {checkpoint['step']} of {recipe.steps}: finish it")
    path = Path(__file__).parent / FILE_NAME
    state = half(checkpoint["model"])
    safetensors.torch.save_file(state, path)
    model = resnet18(num_classes=recipe.formulas().count)
    model.load_state_dict(state)
    print(f'"num_params": {sum(p.numel() for p in model.parameters())}')
    print(f'"sha256": "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
    print(f'"_file_size": {path.stat().st_size / (1 << 20):.3f}')
    print(f'"acc@1": {100 * accuracy(model, recipe):.2f}')


if __name__ == "__main__":
    main()
