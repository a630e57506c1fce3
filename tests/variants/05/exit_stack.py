"""An ExitStack puts the modes back, `index_put_` counts into a transposed matrix, a mosaic of axes."""

import string
from contextlib import ExitStack

from matplotlib import pyplot


def _quiet(model):
    stack = ExitStack()
    for module in model.modules():
        stack.callback(setattr, module, "training", module.training)
        module.training = False
    stack.enter_context(torch.inference_mode())
    return stack


def evaluate(model, loader, device):
    if len(loader) == 0:
        raise ValueError("no batches")
    loss = torch.tensor(0.0, dtype=torch.float64)
    hits, seen = torch.tensor(0), 0
    with _quiet(model):
        for x, y in loader:
            logits = model(x.to(device)).to("cpu")
            loss += nn.functional.cross_entropy(logits, y) * y.size(0)
            hits += torch.sum(torch.argmax(logits, -1) == y)
            seen += y.size(0)
    return loss.div(seen), hits.true_divide(seen)


def confusion_matrix(model, loader, num_classes, device):
    by_prediction = torch.zeros((num_classes, num_classes), dtype=torch.int64)
    with _quiet(model):
        for x, y in loader:
            guess = model(x.to(device)).argsort(dim=1, descending=True)[:, 0].cpu()
            one = torch.ones_like(y)
            by_prediction.index_put_((guess, y), one, accumulate=True)
    return by_prediction.T


def plot_predictions(images, labels, predictions, class_names):
    names = string.ascii_letters[: len(images)]
    width = 2
    lines = [names[i : i + width].ljust(width, ".") for i in range(0, len(names), width)]
    figure, axes = pyplot.subplot_mosaic("\n".join(lines), gridspec_kw={"hspace": 1})
    for name, image, true, guess in zip(names, images, labels, predictions):
        picture = axes[name].matshow(image.detach().cpu().numpy().transpose(1, 2, 0).squeeze())
        if image.shape[0] == 1:
            figure.colorbar(picture, ax=axes[name])
        right = class_names[true] == class_names[guess]
        text = class_names[guess] if right else f"{class_names[true]} -> {class_names[guess]}"
        axes[name].set(title=text, xticks=[], yticks=[])
        pyplot.setp(axes[name].title, color="steelblue" if right else "orangered")
    return figure
