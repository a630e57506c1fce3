"""`statistics.fmean` complains about no data itself; one-hot matrix product; `Figure` and a GridSpec."""

import statistics

from matplotlib.gridspec import GridSpec


def _samples(model, loader, device):
    """Loss, label and prediction of each sample, as plain numbers."""
    flags = {name: module.training for name, module in model.named_modules()}
    try:
        for images, labels in loader:
            with torch.no_grad():
                logits = model.eval()(images.to(device))
                losses = nn.functional.cross_entropy(logits, labels.to(device), reduction="none")
            yield from zip(losses.tolist(), labels.tolist(), logits.max(dim=1)[1].tolist())
    finally:
        for name, flag in flags.items():
            model.get_submodule(name).training = flag


def evaluate(model, loader, device):
    samples = list(_samples(model, loader, device))
    loss = statistics.fmean(loss for loss, _, _ in samples)  # a StatisticsError is a ValueError
    return loss, statistics.mean(float(true == guess) for _, true, guess in samples)


def confusion_matrix(model, loader, num_classes, device):
    _, true, guesses = zip(*_samples(model, loader, device))
    rows = torch.eye(num_classes)[list(true)]
    columns = torch.eye(num_classes)[list(guesses)]
    return torch.einsum("nr,nc->rc", rows, columns).round().to(torch.int64)


def plot_predictions(images, labels, predictions, class_names):
    figure = Figure()
    grid = GridSpec(len(images), 1, figure=figure, hspace=0.8)
    for i in range(len(images)):
        ax = figure.add_subplot(grid[i, 0])
        ax.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
        pixels = images[i].movedim(0, 2)
        if pixels.size(2) == 1:
            ax.imshow(pixels[:, :, 0], cmap="viridis", aspect="auto")
        else:
            ax.imshow(pixels.clip(0, 1))
        title = ax.set_title(f"{i + 1}. {class_names[int(predictions[i])]}")
        if int(predictions[i]) != int(labels[i]):
            title.set_text(f"{title.get_text()} (really: {class_names[int(labels[i])]})")
            title.set_color("crimson")
            title.set_fontweight("bold")
    return figure
