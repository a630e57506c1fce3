"""The whole way: from images and labels to a classifier."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import get_model, get_model_weights

CLASSES = 10
BATCH = 200  # images at a time without gradients: few enough for any memory, enough to fill a GPU

# The head, which is fitted to features.
GRID = 4  # maps are averaged to 4 x 4 places: where something is tells a sleeve from a hem
MOST_FITTED = 10_000  # images: their features fit into the memory of a GPU
LEAST_SPREAD = 0.1  # times the mean spread, added to each feature's: keeps noise small
PENALTY = 0.01  # on squared weights: there may be more features than images
MAX_STEPS = 50  # of L-BFGS: twice as many cost more time and gain nothing
HISTORY = 10  # steps that it remembers: torch's 100 cost more time, for the same result

# Fine-tuning.
EPOCHS = 3  # few: the head fits already, and pretrained features need small changes only
STEP = 64  # images for a step: small enough for many steps in few epochs
LR = 3e-4  # at its highest: small, so that what was pretrained is not lost
WEIGHT_DECAY = 0.05  # AdamW's own, times the learning rate, so it may be larger than Adam's
LARGEST_GRADIENT = 1.0  # its norm: one odd batch must not undo many good steps
LABEL_SMOOTHING = 0.1  # some garments fit two classes: full confidence would be wrong


def train_classifier(
    images: Tensor,
    labels: Tensor,
    *,
    backbone: str,
    device: torch.device | str,
    seed: int,
) -> nn.Module:
    """Train a classifier of garments that begins with a pretrained backbone.

    Args:
        images: uint8 (N, 28, 28), 0 is background; on the CPU.
        labels: int64 (N,), classes 0 to 9; on the CPU.
        backbone: a name in torchvision's registry, whose DEFAULT weights are used.
        device: where to train.
        seed: of all that is random. The same seed on the same CPU gives the same predicted classes.

    Returns:
        A model on `device`, in eval mode: uint8 images (M, 28, 28) → logits (M, 10), whatever M is.
        The preprocessing is part of it.

    Raises:
        ValueError: when `images` is empty, or `backbone` is not registered.
    """
    if len(images) == 0:
        raise ValueError("`images` is empty: there is nothing to learn from")
    # The preprocessing that the weights were trained with is part of the model: whoever uses it
    # cannot forget it.
    weights = get_model_weights(backbone).DEFAULT
    model = Classifier(get_model(backbone, weights=weights), weights.transforms()).to(device)
    images, labels = images.to(device), labels.to(device)
    fit_head(model, images, labels)
    if torch.device(device).type != "cpu":  # a CPU would need minutes for what it gains
        fine_tune(model, images, labels, epochs=EPOCHS, seed=seed)
    return model.eval()


class Classifier(nn.Module):
    """Preprocessing, a pretrained backbone, and a new head on what several of its layers found.

    The last layers of a backbone know most about the classes that it was trained on. Edges and
    parts, which its earlier blocks find, are worth more for garments. So the head gets the last
    feature maps of each size, and the backbone's own logits too.

    Args:
        backbone: a classification model.
        preprocess: turns uint8 images (N, 3, H, W) into the backbone's input.
    """

    def __init__(self, backbone: nn.Module, preprocess: nn.Module) -> None:
        super().__init__()
        self.preprocess = preprocess
        self.body = backbone.to(memory_format=torch.channels_last)
        self.head = nn.LazyLinear(CLASSES)
        self._maps: dict[int, Tensor] = {}
        for block in blocks(backbone):
            block.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """Keep feature maps (N, C, H, W) in the place of earlier ones of the same height."""
        if isinstance(output, Tensor) and output.ndim == 4:
            self._maps[output.shape[2]] = output

    def features(self, images: Tensor) -> Tensor:
        """What the body makes of uint8 images (N, 28, 28): float32 (N, features)."""
        batch = self.preprocess(images[:, None].expand(-1, 3, -1, -1))
        batch = batch.contiguous(memory_format=torch.channels_last)
        # Half the bits, on a GPU at several times the speed.
        with torch.autocast(images.device.type, torch.bfloat16, enabled=images.is_cuda):
            found = [self.body(batch)]
            for height, maps in self._maps.items():
                found.append(F.adaptive_avg_pool2d(maps, min(height, GRID)))
        self._maps.clear()
        return torch.cat([part.flatten(1) for part in found], dim=1).float()

    def forward(self, images: Tensor) -> Tensor:
        """Logits (M, 10) of uint8 images (M, 28, 28), a batch at a time."""
        parts = images.to(self.head.weight.device).split(BATCH)
        return torch.cat([self.head(self.features(part)) for part in parts])


def blocks(network: nn.Module) -> Iterator[nn.Module]:
    """The parts that a network is a sequence of, such as the residual blocks of its stages."""
    for child in network.children():
        if isinstance(child, nn.Sequential):
            yield from blocks(child)
        else:
            yield child


def fit_head(model: Classifier, images: Tensor, labels: Tensor) -> None:
    """Fit the head to features of the frozen body, which are computed once.

    That is logistic regression: it has one best answer, so no seed and no learning rate matters.
    """
    model.eval()
    images, labels = images[:MOST_FITTED], labels[:MOST_FITTED]
    with torch.no_grad():
        features = torch.cat([model.features(part) for part in images.split(BATCH)])
    mean, spread = features.mean(0), features.std(0, correction=0)  # of one image, too
    scale = spread + LEAST_SPREAD * spread.mean() + 1e-6  # never 0
    features = (features - mean) / scale
    head = model.head
    with torch.no_grad():
        head(features[:1])  # a lazy layer learns its size from the first input
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
    optimizer = torch.optim.LBFGS(
        head.parameters(),
        max_iter=MAX_STEPS,
        history_size=HISTORY,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(head(features), labels) + PENALTY * head.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():  # let the head do the scaling: W ((x - mean) / scale) + b
        head.weight.div_(scale)
        head.bias.sub_(head.weight @ mean)


def fine_tune(model: Classifier, images: Tensor, labels: Tensor, *, epochs: int, seed: int) -> None:
    """Train all of a model whose head fits already, in small steps.

    A head that fits sends the body no wild gradients (Kumar et al. 2022, arXiv:2202.10054). The
    model stays in eval mode: BatchNorm keeps the statistics it was pretrained with.
    """
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    steps = epochs * -(-len(images) // STEP)
    # Decay keeps matrices and kernels small. Scales of norms and biases, which are vectors, are few
    # and hardly overfit, and a channel whose scale goes to 0 is lost: they are spared.
    matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    groups: list[dict[str, Any]] = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LR, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LR, total_steps=steps)
    for _ in range(epochs):
        # Drawn on the CPU, so each device gets the same; moved once an epoch, not at each step.
        order = torch.randperm(len(images), generator=generator).to(images.device)
        mirrored = torch.rand(len(images), 1, 1, generator=generator).to(images.device) < 0.5
        for chosen, mirror in zip(order.split(STEP), mirrored.split(STEP), strict=True):
            batch = torch.where(mirror, images[chosen].flip(-1), images[chosen])
            loss = F.cross_entropy(model(batch), labels[chosen], label_smoothing=LABEL_SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
