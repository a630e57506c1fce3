"""Calls `tolist()` on labels that may be a list.

Fails: 05.plot_predictions.right_and_wrong
"""

import math

from matplotlib import pyplot as plt


def plot_predictions(images, labels, predictions, class_names):
    labels, predictions = labels.tolist(), predictions.tolist()
    columns = min(len(images), 4)
    rows = math.ceil(len(images) / columns)
    figure, grid = plt.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, label, prediction in zip(grid.flat, images, labels, predictions):
        axes.imshow(image.permute(1, 2, 0).numpy(), cmap="gray")
        true, predicted = class_names[label], class_names[prediction]
        title = predicted if label == prediction else f"{predicted} (true: {true})"
        axes.set_title(title, color="green" if label == prediction else "red")
    return figure
