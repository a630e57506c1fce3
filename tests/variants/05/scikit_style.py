"""Collects all logits first, NumPy counting, labels that never leave the CPU, `plt.subplots`."""

import numpy as np
from matplotlib import pyplot as plt


def _predict(model, loader, device):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    outputs, targets = [], []
    with torch.inference_mode():
        for x, y in loader:
            outputs.append(model(x.to(device)).cpu())
            targets.append(y)
    for m, mode in modes:
        m.training = mode
    return outputs, targets


def evaluate(model, loader, device):
    outputs, targets = _predict(model, loader, device)
    if not outputs:
        raise ValueError("empty loader")
    logits, labels = torch.cat(outputs), torch.cat(targets)
    loss = nn.CrossEntropyLoss()(logits, labels)
    return [loss, np.mean(logits.argmax(1).numpy() == labels.numpy())]


def confusion_matrix(model, loader, num_classes, device):
    matrix = np.zeros((num_classes, num_classes), dtype=np.int64)
    for logits, labels in zip(*_predict(model, loader, device)):
        np.add.at(matrix, (labels.numpy(), logits.argmax(1).numpy()), 1)
    return torch.from_numpy(matrix)


def plot_predictions(images, labels, predictions, class_names):
    n = len(images)
    fig, axs = plt.subplots(max(1, -(-n // 3)), 3, figsize=(6, 6))
    for ax in axs.ravel()[n:]:
        ax.remove()
    for i in range(n):
        ax = axs.ravel()[i]
        t, p = class_names[labels[i]], class_names[predictions[i]]
        picture = images[i].numpy()
        picture = picture[0] if len(picture) == 1 else np.transpose(picture, (1, 2, 0))
        ax.imshow(1 - picture, cmap="Greys", interpolation="bilinear")
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"pred: {p}\ntrue: {t}", fontsize=8)
        ax.title.set_color("#d62728" if t != p else "#2ca02c")
    fig.tight_layout()
    return fig
