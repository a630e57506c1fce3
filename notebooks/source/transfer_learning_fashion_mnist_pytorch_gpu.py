"""The source of a notebook; `make notebooks` writes it (see grader/authoring/notebooks)."""
# ruff: noqa: E402, F401, I001

# %% title [markdown]
# # Transfer learning on Fashion-MNIST
#
# A network that has learnt to see *something* needs little to learn to see something else. In this
# notebook you take a pretrained network, freeze it, give it a new head for ten kinds of garments,
# train, measure and look. At the end it meets a network of the same shape that starts from nothing.
#
# **Load → freeze → swap → train → fine-tune → compare → look.** Run it from top to bottom: about a
# minute on one CPU core. Where there is a GPU it takes more images.
#
# The functions with types in their signatures are the course's own answers to its exercises; only
# their docstrings are shorter. Write yours first, then read these.

# %% open-in-colab [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](COLAB)
#
# In Colab choose *Runtime → Change runtime type → GPU* first.

# %% settings-text [markdown]
# ## Settings
#
# `DATA` is the switch. `"embedded"` needs no download: garments that the kit draws, and an
# EfficientNet-Lite0 that is installed with the kit. `"fashion-mnist"` loads the real images and a
# ResNet-18, and needs nothing but torchvision. Both networks were trained on the photographs of
# ImageNet.

# %% parameters
DATA = "embedded"  # or "fashion-mnist"
ROOT = "data"  # where the real images are kept; `grader prepare` has them in "../data"
IMAGES = None  # how many to learn from; None: 600 on a CPU, 10,000 on a GPU
HEAD_EPOCHS = 4  # of the head alone
FULL_EPOCHS = 4  # of the head and the last part of the body
AUGMENT = False  # change the training images at random; pays when epochs are many
SEED = 0

# %% install
# The kit draws the embedded images and brings their network along.
from importlib.util import find_spec

if DATA == "embedded" and find_spec("grader") is None:
    pass  # %pip install --quiet git+REPOSITORY

# %% imports
import time
from copy import deepcopy

import matplotlib.pyplot as plt
import torch
from torch.utils.data import Subset
from torchvision.datasets import FashionMNIST
from torchvision.transforms.functional import pil_to_tensor

# %% device-text [markdown]
# ## Where to compute
#
# The GPU when there is one, whatever its maker. A recent one multiplies numbers of 16 bits several
# times faster than those of 32. `autocast` uses them where that is harmless, and leaves losses and
# weights at 32. Its cache is off: we wrap whole trainings in it, and a cache would go on serving
# the weights of the first batch.

# %% device
has_gpu = torch.accelerator.is_available()
DEVICE = torch.accelerator.current_accelerator() if has_gpu else torch.device("cpu")
half = DEVICE.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
precision = torch.autocast(DEVICE.type, torch.bfloat16, enabled=half, cache_enabled=False)
images_to_learn_from = IMAGES or (10_000 if has_gpu else 600)
print(
    f"{DEVICE}, {'bfloat16' if half else 'float32'}, {images_to_learn_from:,} images to learn from"
)

# %% data-text [markdown]
# ## The garments
#
# Ten classes, grey, 28 × 28 pixels. The drawn ones have the classes and the format of
# [Fashion-MNIST](https://github.com/zalandoresearch/fashion-mnist), so that one function can give
# either. Each row below is one class. Which two rows would *you* mix up?

# %% data
CLASSES = FashionMNIST.classes


def garments(*, train, count, transform=None):
    """Garments with their labels, drawn or real: for the same count always the same."""
    if DATA == "embedded":
        from grader.materials.garments import GarmentImages

        return GarmentImages(train, transform, count=count, seed=SEED)
    everything = FashionMNIST(ROOT, train=train, transform=transform, download=True)
    order = torch.randperm(len(everything), generator=torch.Generator().manual_seed(SEED))
    return Subset(everything, order[:count].tolist())


pictures = garments(train=True, count=images_to_learn_from)
rows = [[pil_to_tensor(p)[0] for p, label in pictures if label == c][:12] for c in range(10)]
blank = torch.zeros(28, 28, dtype=torch.uint8)
sheet = torch.cat([torch.cat([*row, *[blank] * (12 - len(row))], dim=1) for row in rows])

_, axes = plt.subplots(figsize=(8, 6.2), layout="constrained")
axes.imshow(sheet, cmap="gray")
axes.set_xticks([])
axes.set_yticks([28 * row + 14 for row in range(10)], CLASSES)
axes.tick_params(length=0)
plt.show()

# %% load-text [markdown]
# ## Load a pretrained network
#
# torchvision keeps its models in a registry: a *name* gives the architecture, an *entry* of its
# weights gives what was learnt. With the weights come the transforms that they were trained with.
# Feed them other images (not normalised, say), and they see badly, without any complaint.

# %% load-functions
from solutions.load_pretrained import count_parameters, load_pretrained, preprocessing

# %% load
if DATA == "embedded":
    from grader.materials.backbone import efficientnet_lite0  # the import registers it

    BACKBONE, UNFREEZE, BODY_LR = efficientnet_lite0.__name__, "stage5", 1e-3
else:
    BACKBONE, UNFREEZE, BODY_LR = "resnet18", "layer3", 1e-4
preset = preprocessing(BACKBONE)
# On a CPU smaller images: 64 pixels a side instead of 224 are a twelfth of the work.
IMAGE_SIZE = preset.crop_size[0] if has_gpu else 64
MEAN, STD = preset.mean, preset.std

model = load_pretrained(BACKBONE)
total, trainable = count_parameters(model)
print(f"{BACKBONE}: {total:,} parameters, {trainable:,} of them trainable")
print(f"its last layer: {list(model.modules())[-1]}")
print(f"its transforms: {preprocessing(BACKBONE)}")

# %% transform-text [markdown]
# ## From a garment to the network's input
#
# Our images are grey and small, the network wants three channels of its own size, normalised as in
# its training. With `augment=True` each look at an image is a little different: mirrored, turned,
# moved. Validation and test images are never augmented. They are what we measure *with*.

# %% transform-functions
from solutions.data import build_loader, build_transform, split_train_val

# %% transform
as_is = build_transform(MEAN, STD, IMAGE_SIZE)
changed = build_transform(MEAN, STD, IMAGE_SIZE, augment=True)
picture, label = pictures[0]
torch.manual_seed(SEED)

_, axes = plt.subplots(1, 6, figsize=(9, 2), layout="constrained")
axes[0].imshow(picture, cmap="gray")
axes[0].set_title(f"{CLASSES[label]}, {picture.size[0]} px", fontsize=9)
for place, seen in zip(
    axes[1:], [as_is(picture), *(changed(picture) for _ in range(4))], strict=True
):
    place.imshow(seen[0], cmap="gray")
    place.set_title(f"{seen.shape[-1]} px", fontsize=9)
for place in axes[2:]:
    place.set_title("augmented", fontsize=9)
for place in axes:
    place.axis("off")
plt.show()

# %% split-text [markdown]
# ## Three kinds of images
#
# **Training** images teach. **Validation** images tell, after each epoch, how it is going; whatever
# we decide while looking at them is a little bit fitted to them. **Test** images are looked at
# once, at the very end, and decide nothing.
#
# A split with a seed can be made twice, and gives the same parts. That is how the training part
# gets augmented while the validation part of the same images does not.

# %% split
to_learn = garments(train=True, count=images_to_learn_from, transform=changed if AUGMENT else as_is)
to_measure = garments(train=True, count=images_to_learn_from, transform=as_is)
train_set, _ = split_train_val(to_learn, 0.2, SEED)
_, val_set = split_train_val(to_measure, 0.2, SEED)
test_set = garments(train=False, count=images_to_learn_from, transform=as_is)

val_loader = build_loader(val_set, batch_size=128, shuffle=False)
test_loader = build_loader(test_set, batch_size=128, shuffle=False)


def new_train_loader():
    """The training images, in the same order of batches for everyone who asks."""
    return build_loader(train_set, batch_size=32, shuffle=True, seed=SEED)


print(f"{len(train_set):,} to train, {len(val_set):,} to validate, {len(test_set):,} to test")

# %% freeze-text [markdown]
# ## Freeze
#
# What was learnt shall stay. A parameter with `requires_grad = False` gets no gradient, and an
# optimizer has nothing to step with.

# %% freeze-functions
from solutions.head import find_head
from solutions.freeze import freeze_backbone

# %% freeze
HEAD = find_head(model)
freeze_backbone(model, HEAD)
print(f"trainable: {HEAD}, {count_parameters(model)[1]:,} parameters")

# %% swap-text [markdown]
# ## Swap the head
#
# The last layer names the things that the network was trained on. Ours have other names. A fresh
# layer takes its place: as many inputs as before, ten outputs, random weights.

# %% swap-functions
from solutions.head import swap_head

# %% swap
torch.manual_seed(SEED)
swap_head(model, num_classes=len(CLASSES))
print(f"the new head: {model.get_submodule(HEAD)}")

# %% blocks-text [markdown]
# What may learn now? The picture has a logarithmic scale, or you would not see the head at all.


# %% blocks
def plot_blocks(model):
    """A bar for each block of a model: how many parameters it has, and whether they may learn."""
    blocks = {name: count_parameters(block) for name, block in model.named_children()}
    blocks = {name: counts for name, counts in blocks.items() if counts[0]}
    _, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
    for name, (total, trainable) in blocks.items():
        bar = axes.barh(name, total, color="tab:orange" if trainable else "lightgray")
        axes.bar_label(bar, labels=[f" {total:,}"], fontsize=9)
    axes.barh(next(iter(blocks)), 0, color="tab:orange", label="learns")
    axes.barh(next(iter(blocks)), 0, color="lightgray", label="frozen")
    axes.set(xscale="log", xlim=(10, 1e8), xlabel="parameters")
    axes.invert_yaxis()
    axes.legend(loc="upper right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    total, trainable = count_parameters(model)
    axes.set_title(f"{trainable:,} of {total:,} parameters may learn ({trainable / total:.2%})")
    plt.show()


plot_blocks(model)

# %% train-text [markdown]
# ## Train the head
#
# First the instrument, then the loop. An instrument must not disturb what it measures: `evaluate`
# works in eval mode without gradients, and puts every mode back as it was.
#
# The loop has one trap. A BatchNorm in training mode moves its stored statistics, gradients or not.
# So what is frozen has to stay in *evaluation* mode while the rest trains: `set_train_mode`.

# %% evaluate-functions
from solutions.evaluate import evaluate

# %% mode-functions
from solutions.freeze import set_train_mode

# %% train-functions
from solutions.train import fit, train_one_epoch

# %% train
start = time.perf_counter()
with precision:
    history = fit(model, new_train_loader(), val_loader, epochs=HEAD_EPOCHS, lr=1e-2, device=DEVICE)
head_seconds = time.perf_counter() - start

for epoch, measured in enumerate(history, start=1):
    print(f"epoch {epoch}: " + ", ".join(f"{name} {value:.3f}" for name, value in measured.items()))


# %% curves
def plot_curves(curves, *, phases=None):
    """Losses and accuracies over the epochs, one colour for each training in `curves`."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for color, (name, epochs) in zip(["tab:orange", "tab:blue"], curves.items(), strict=False):
        numbers = range(1, len(epochs) + 1)
        left.plot(numbers, [e["train_loss"] for e in epochs], "--", color=color, alpha=0.6)
        left.plot(numbers, [e["val_loss"] for e in epochs], "o-", color=color, markersize=4)
        right.plot(
            numbers,
            [e["val_accuracy"] for e in epochs],
            "o-",
            color=color,
            markersize=4,
            label=name,
        )
    left.plot([], [], "k--", alpha=0.6, label="training")
    left.plot([], [], "ko-", markersize=4, label="validation")
    left.set(xlabel="epoch", title="loss", ylim=(0, None))
    right.set(xlabel="epoch", title="validation accuracy", ylim=(None, 1))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False)
        if phases:
            axes.axvline(phases + 0.5, color="gray", linestyle=":")
    plt.show()


plot_curves({"head alone": history})

# %% finetune-text [markdown]
# ## Fine-tune
#
# The head makes sense now, and so do the gradients that it sends down. Open the last part of the
# body and let it adapt, in *small* steps: at most a tenth of the learning rate that the head began
# with. The early layers stay as they are. They see edges, and a sneaker has the same edges as a
# cat.
#
# `fine_tune` knows both phases. Ours has behind it the first one, so `head_epochs=0`.

# %% finetune-functions
from solutions.finetune import fine_tune

# %% finetune
extracted = deepcopy(model)  # to compare with later: `fine_tune` changes the model in place

start = time.perf_counter()
with precision:
    history += fine_tune(
        model,
        new_train_loader(),
        val_loader,
        head=HEAD,
        unfreeze=UNFREEZE,
        head_epochs=0,
        full_epochs=FULL_EPOCHS,
        head_lr=1e-3,
        backbone_lr=BODY_LR,
        device=DEVICE,
    )
full_seconds = time.perf_counter() - start
plot_blocks(model)

# %% scratch-text [markdown]
# ## From scratch
#
# Is all this worth the trouble? The same network with random weights, the same images, the same
# number of epochs. Everything may learn, and everything has to.

# %% scratch
torch.manual_seed(SEED)
scratch = swap_head(load_pretrained(BACKBONE, weights=None), num_classes=len(CLASSES))

start = time.perf_counter()
with precision:
    scratch_history = fit(
        scratch,
        new_train_loader(),
        val_loader,
        epochs=HEAD_EPOCHS + FULL_EPOCHS,
        lr=1e-3,
        device=DEVICE,
    )
scratch_seconds = time.perf_counter() - start
plot_curves({"pretrained": history, "from scratch": scratch_history}, phases=HEAD_EPOCHS)

# %% compare-text [markdown]
# The dotted line marks where fine-tuning begins. Look at the first epochs, too: a pretrained
# network begins where the other one has to get to.
#
# ## The test, once
#
# Until here the test images have decided nothing. Now they do the counting. An accuracy measured on
# $n$ images is itself uncertain, by about $\sqrt{a(1-a)/n}$; the whiskers are two of these. Where
# they overlap, say "about the same" and ask for more images or more seeds.

# %% compare
contestants = {
    "head alone": (extracted, head_seconds),
    "fine-tuned": (model, head_seconds + full_seconds),
    "from scratch": (scratch, scratch_seconds),
}
test_accuracy, spread = {}, {}
for name, (network, seconds) in contestants.items():
    with precision:
        loss, accuracy = evaluate(network, test_loader, DEVICE)
    test_accuracy[name] = accuracy
    spread[name] = (accuracy * (1 - accuracy) / len(test_set)) ** 0.5
    print(f"{name:<13} {accuracy:.3f} ± {spread[name]:.3f}   loss {loss:.3f}   {seconds:5.1f} s")

_, axes = plt.subplots(figsize=(7, 2.2), layout="constrained")
bars = axes.barh(
    list(test_accuracy),
    list(test_accuracy.values()),
    xerr=[2 * s for s in spread.values()],
    color=["navajowhite", "tab:orange", "tab:blue"],
    capsize=4,
)
axes.bar_label(bars, fmt="%.3f", label_type="center")
axes.axvline(0.1, color="gray", linestyle=":")
axes.text(0.11, -0.65, "guessing", color="gray", fontsize=9, va="center")
axes.set(xlim=(0, 1), ylim=(2.6, -0.9), xlabel=f"accuracy on {len(test_set):,} test images")
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% confusion-text [markdown]
# ## Where is it wrong?
#
# One number hides *where*. In the confusion matrix each row is a true class and each column an
# answer; the diagonal is right. Read along a row: what are shirts taken for?

# %% confusion-functions
from solutions.evaluate import confusion_matrix

# %% confusion
with precision:
    counts = confusion_matrix(model, test_loader, len(CLASSES), DEVICE)
share = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)

_, axes = plt.subplots(figsize=(6.8, 6), layout="constrained")
axes.imshow(share, cmap="Oranges", vmin=0, vmax=1)
for true, predicted in counts.nonzero().tolist():
    dark = share[true, predicted] > 0.6
    axes.text(
        predicted,
        true,
        int(counts[true, predicted]),
        ha="center",
        va="center",
        color="white" if dark else "black",
        fontsize=9,
    )
axes.set_xticks(range(10), CLASSES, rotation=45, ha="right")
axes.set_yticks(range(10), CLASSES)
axes.set(xlabel="predicted", ylabel="true")
plt.show()

off_diagonal = counts - torch.diag(counts.diag())
true, predicted = divmod(int(off_diagonal.argmax()), len(CLASSES))
print(f"most often: {CLASSES[true]} taken for {CLASSES[predicted]}, {off_diagonal.max()} times")

# %% worst-text [markdown]
# ## The worst mistakes
#
# Ten wrong images tell more than ten decimal places. These are the ones where the network was
# surest of itself, and wrong. Is the network at fault, or the label, or would you not have known
# either?

# %% worst-functions
from solutions.evaluate import plot_predictions

# %% worst
model.eval()
images, labels = (torch.cat(parts) for parts in zip(*test_loader, strict=True))
with torch.no_grad(), precision:
    logits = torch.cat([model(part.to(DEVICE)).float().cpu() for part in images.split(128)])
confidence, predictions = logits.softmax(dim=1).max(dim=1)

wrong = (predictions != labels).nonzero().flatten()
worst = wrong[confidence[wrong].argsort(descending=True)][:10]
print("how sure it was:", ", ".join(f"{c:.0%}" for c in confidence[worst]))
plot_predictions(images[worst], labels[worst], predictions[worst], CLASSES) if len(worst) else None

# %% predictions-text [markdown]
# ## And the ordinary ones
#
# So that you do not think too badly of it: the first fifteen of the test images.

# %% predictions
plot_predictions(images[:15], labels[:15], predictions[:15], CLASSES)

# %% end [markdown]
# ## Now you
#
# - Set `IMAGES` to 100, then to 3,000. Where does pretraining help most, and where does it stop to?
# - Open less of the body (a later `UNFREEZE`), or all of it (the first child), or let it learn as
#   fast as the head.
# - Set `AUGMENT = True`. With so few epochs it may cost more than it brings; try many more.
# - Change `SEED`. How much of the differences above is luck?
# - Set `DATA = "fashion-mnist"`, and look at the worst mistakes again.
#
# The exercises that these functions come from: 00 `data`, 01 `load_pretrained`, 02 `freeze`,
# 03 `head`, 04 `train`, 05 `evaluate`, 06 `finetune`. The next notebook, `cnn_optuna.ipynb`, does
# without a pretrained network and searches for a good one of its own.
