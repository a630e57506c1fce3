"""Measures a copy of the model, so that no flag is touched; a named tuple, a Counter, subfigures."""

import copy
from collections import Counter, namedtuple

import matplotlib.pyplot as plt
import numpy as np

Measured = namedtuple("Measured", ["loss", "accuracy"])


@torch.no_grad()
def _outputs(model, loader, device):
    twin = copy.deepcopy(model)
    twin.eval()
    pairs = [(twin(images.to(device)).cpu(), labels) for images, labels in loader]
    return [torch.cat(parts) for parts in zip(*pairs)] if pairs else None


def evaluate(model, loader, device):
    outputs = _outputs(model, loader, device)
    if outputs is None:
        raise ValueError(f"{loader} has no batch")
    logits, labels = outputs
    loss = nn.CrossEntropyLoss()(logits.double(), labels).numpy()
    return Measured(np.float32(loss), (logits.numpy().argmax(1) == labels.numpy()).mean())


def confusion_matrix(model, loader, num_classes, device):
    logits, labels = _outputs(model, loader, device)
    counter = Counter(zip(labels.tolist(), logits.argmax(1).tolist()))
    cells = [counter[true, guess] for true in range(num_classes) for guess in range(num_classes)]
    return torch.LongTensor(cells).view(num_classes, -1)


def plot_predictions(images, labels, predictions, class_names):
    figure = plt.figure(figsize=(3 * len(images), 3), layout="constrained")
    parts = np.atleast_1d(figure.subfigures(1, len(images)))
    low, high = float(images.min()), float(images.max())
    for part, image, label, prediction in zip(parts, images, labels, predictions):
        axes = part.subplots()
        part.suptitle(f"true: {class_names[label]}")
        axes.imshow(np.moveaxis(image.numpy(), 0, -1).mean(-1), vmin=low, vmax=high, cmap="bone")
        words = dict.fromkeys([class_names[prediction], class_names[label]])
        axes.set_title(" / ".join(words), color=(0.0, 0.4, 0.0) if len(words) == 1 else "C3")
    return figure
