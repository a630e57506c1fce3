"""A class with hooks collects what passes, `scatter_add_` counts, axes are filled from the last on."""

import numpy as np
from matplotlib import pyplot as plt


class _Watcher:
    def __init__(self, model, device):
        self.model, self.device = model, device
        self.outputs = []

    def __enter__(self):
        self.flags = np.array([module.training for module in self.model.modules()])
        self.hook = self.model.register_forward_hook(self._keep)
        self.model.apply(lambda module: setattr(module, "training", False))
        self.before = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        return self

    def _keep(self, module, inputs, output):
        self.outputs.append(output.detach())

    def feed(self, loader):
        labels = []
        for batch, target in loader:
            self.model(batch.to(self.device))
            labels.append(target.to(self.device))
        return labels

    def __exit__(self, *error):
        torch.set_grad_enabled(self.before)
        self.hook.remove()
        for module, flag in zip(self.model.modules(), self.flags):
            module.training = bool(flag)


def evaluate(model, loader, device):
    with _Watcher(model, device) as watcher:
        labels = watcher.feed(loader)
    batches = list(zip(watcher.outputs, labels))
    if not batches:
        raise ValueError("the loader is empty")
    weights = np.array([len(target) for _, target in batches])
    losses = [nn.functional.cross_entropy(z, y).item() for z, y in batches]
    hits = [(z.argmax(1) == y).cpu().numpy().mean() for z, y in batches]
    return tuple(np.average([losses, hits], axis=1, weights=weights))


def confusion_matrix(model, loader, num_classes, device):
    with _Watcher(model, device) as watcher:
        labels = watcher.feed(loader)
    counts = torch.zeros(num_classes**2, dtype=torch.long, device=device)
    for z, y in zip(watcher.outputs, labels):
        counts.scatter_add_(0, y * num_classes + z.argmax(1), torch.ones_like(y))
    return counts.cpu().unflatten(0, (num_classes, num_classes))


def plot_predictions(images, labels, predictions, class_names):
    columns = int(np.ceil(np.sqrt(len(images))))
    rows = int(np.ceil(len(images) / columns))
    fig, grid = plt.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    names = np.array(class_names)
    true, guesses = names[np.asarray(labels)], names[np.asarray(predictions)]
    spread = images.amax((2, 3), keepdim=True) - images.amin((2, 3), keepdim=True)
    shown = (images - images.amin((2, 3), keepdim=True)) / spread
    for i in reversed(range(rows * columns)):
        ax = grid[i // columns, i % columns]
        if i >= len(images):
            fig.delaxes(ax)
            continue
        ax.imshow(np.dstack([*shown[i].expand(3, -1, -1), np.ones(shown.shape[2:])]))
        ok = true[i] == guesses[i]
        font = {"color": "0.2" if ok else "0.6", "size": 7, "style": "normal" if ok else "italic"}
        ax.set_title(f"{guesses[i]}\n({true[i]})", fontdict=font, loc="center", pad=2)
    plt.close(fig)
    return fig
