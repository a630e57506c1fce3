"""`plt.imshow` draws every image into the same axes.

Fails: 05.plot_predictions.pictures
"""

from matplotlib import pyplot as plt


def plot_predictions(images, labels, predictions, class_names):
    figure = plt.figure()
    for image, label, prediction in zip(images, labels, predictions):
        plt.imshow(image.permute(1, 2, 0).numpy(), cmap="gray")
        true, predicted = class_names[label], class_names[prediction]
        title = predicted if label == prediction else f"{predicted} (true: {true})"
        plt.title(title, color="green" if label == prediction else "red")
    return figure
