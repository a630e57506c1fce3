"""A grid of a fixed size: `zip` drops the images that do not fit.

Fails: 05.plot_predictions.pictures
"""

from matplotlib import pyplot as plt


def plot_predictions(images, labels, predictions, class_names):
    figure, grid = plt.subplots(5, 5)
    for axes in grid.flat:
        axes.axis("off")
    for axes, image, label, prediction in zip(grid.flat, images, labels, predictions):
        axes.imshow(image.permute(1, 2, 0).numpy(), cmap="gray")
        true, predicted = class_names[label], class_names[prediction]
        title = predicted if label == prediction else f"{predicted} (true: {true})"
        axes.set_title(title, color="green" if label == prediction else "red")
    return figure
