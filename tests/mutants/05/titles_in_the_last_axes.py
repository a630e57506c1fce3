"""`plt.title` goes to the axes that was made last, not to the one with the image.

Fails: 05.plot_predictions.titles
"""

import math

from matplotlib import pyplot as plt


def plot_predictions(images, labels, predictions, class_names):
    columns = min(len(images), 4)
    rows = math.ceil(len(images) / columns)
    figure, grid = plt.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, label, prediction in zip(grid.flat, images, labels, predictions):
        axes.imshow(image.permute(1, 2, 0).numpy(), cmap="gray")
        true, predicted = class_names[label], class_names[prediction]
        title = predicted if label == prediction else f"{predicted} (true: {true})"
        plt.title(title, color="green" if label == prediction else "red")
    return figure
