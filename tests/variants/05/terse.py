"""Short: `train(flag)` from the outside in, a sparse matrix, `plt.subplot`, `plt.title` and PIL."""

import matplotlib.pyplot as plt
from torchvision.transforms.functional import to_pil_image


@torch.no_grad()
def _run(model, loader, device):
    flags = [m.training for m in model.modules()]
    model.eval()
    found = [(y, model(x.to(device)).cpu()) for x, y in loader]
    [m.train(f) for m, f in zip(model.modules(), flags)]
    return map(torch.cat, zip(*found))


def evaluate(model, loader, device):
    if not len(loader.dataset):
        raise ValueError("nothing")
    y, z = _run(model, loader, device)
    return z.logsumexp(1).sub(z[range(len(y)), y]).mean().item(), y.eq(z.argmax(1)).float().mean()


def confusion_matrix(model, loader, num_classes, device):
    y, z = _run(model, loader, device)
    cells = torch.stack([y, z.argmax(1)])
    return torch.sparse_coo_tensor(cells, torch.ones_like(y), [num_classes] * 2).to_dense()


def plot_predictions(images, labels, predictions, class_names):
    fig = plt.figure()
    for i, (image, true, guess) in enumerate(zip(images, labels, predictions), 1):
        ax = plt.subplot(1, len(images), i)
        plt.imshow(to_pil_image(image), cmap="gray")
        plt.axis("off")
        with plt.rc_context({"axes.titlecolor": "k" if true == guess else "m"}):
            plt.title(" vs. ".join(sorted({class_names[int(true)], class_names[int(guess)]})))
        ax.title.set_color("k" if true == guess else "m")
    return plt.gcf() if fig is plt.gcf() else fig
