"""A decorator for the mode, sums and counts on the device, one-hot matrices, one column of axes."""

import functools

import matplotlib.pyplot


def _measuring(function):
    @functools.wraps(function)
    def wrapper(model, *args):
        training = {name for name, module in model.named_modules() if module.training}
        model.train(False)
        try:
            with torch.set_grad_enabled(False):
                return function(model, *args)
        finally:
            for name, module in model.named_modules():
                module.training = name in training

    return wrapper


@_measuring
def evaluate(model, loader, device):
    device = torch.device(device)
    totals = torch.zeros(3, device=device)
    for batch, target in loader:
        target = target.to(device)
        scores = model(batch.to(device)).log_softmax(dim=-1)
        totals[0] += -scores[torch.arange(len(target), device=device), target].sum()
        totals[1] += scores.max(dim=1).indices.eq(target).sum()
        totals[2] += len(target)
    if totals[2] == 0:
        raise ValueError
    loss, accuracy = totals[:2] / totals[2]
    return loss, accuracy.cpu()


@_measuring
def confusion_matrix(model, loader, num_classes, device):
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64, device=device)
    for batch, target in loader:
        _, predicted = model(batch.to(device)).topk(1)
        true = nn.functional.one_hot(target.to(device), num_classes)
        matrix += (true[:, :, None] * nn.functional.one_hot(predicted, num_classes)).sum(0)
    return matrix.to("cpu")


def plot_predictions(images, labels, predictions, class_names):
    figure = matplotlib.pyplot.figure()
    for index in range(images.shape[0]):
        axes = figure.add_axes((0.1, 1 - (index + 1) / len(images), 0.8, 0.8 / len(images)))
        image = images[index]
        if image.shape[0] == 3:
            mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
            image = (image * 0.225 + mean).clamp(0, 1)
        else:
            image = image.expand(3, -1, -1)
        axes.imshow((image * 255).byte().permute(1, 2, 0))
        wrong = int(labels[index]) != int(predictions[index])
        axes.set_title(class_names[int(predictions[index])], loc="left", c="r" if wrong else "k")
        if wrong:
            axes.set_title(class_names[int(labels[index])], loc="right", c="b")
    matplotlib.pyplot.close(figure)
    return figure
