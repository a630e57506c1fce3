"""The source of a notebook; `make notebooks` writes it (see grader/authoring/notebooks)."""
# ruff: noqa: E402, I001

# %% title [markdown]
# # A CNN for garments, found by Optuna
#
# How many layers? How wide? Adam or SGD, and how fast? Gradient descent cannot tell: these are
# *hyperparameters*, set before training begins. In this notebook [Optuna](https://optuna.org) tries
# them out for you, learns from what it sees, stops what is hopeless, and remembers everything.
#
# **Define → search → look → retrain → measure once.** Run it from top to bottom: about a minute on
# one CPU core. Where there is a GPU it takes more images.
#
# The functions with types in their signatures are the course's own answers to exercise 07 and
# others; only their docstrings are shorter. Write yours first, then read these.

# %% open-in-colab [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](COLAB)
#
# In Colab choose *Runtime → Change runtime type → GPU* first.

# %% settings-text [markdown]
# ## Settings
#
# `DATA` is the switch. `"embedded"` are garments that the kit draws, without a download;
# `"fashion-mnist"` loads the real ones through torchvision.
#
# A search wants many short trainings rather than few long ones: `EPOCHS` is small, and the winner
# gets more of them at the end.

# %% parameters
DATA = "embedded"  # or "fashion-mnist"
ROOT = "data"  # where the real images are kept; `grader prepare` has them in "../data"
IMAGES = None  # how many to search with; None: 1,000 on a CPU, 10,000 on a GPU
TRIALS = 20  # finished ones in total, those of earlier runs included
EPOCHS = 4  # of each trial
FINAL_EPOCHS = 8  # of the winner
STORAGE = "sqlite:///cnn_optuna.db"  # the study outlives the notebook in this file
SEED = 0

# %% install
# The kit draws the embedded images, and it needs Optuna, too.
from importlib.util import find_spec

if DATA == "embedded" and find_spec("grader") is None:
    pass  # %pip install --quiet git+REPOSITORY

# %% install-optuna
if find_spec("optuna") is None:
    pass  # %pip install --quiet optuna

# %% imports
import warnings

import matplotlib.pyplot as plt
import optuna
import torch
from optuna.visualization import matplotlib as optuna_plots
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset
from torchvision.datasets import FashionMNIST

# %% device
has_gpu = torch.accelerator.is_available()
DEVICE = torch.accelerator.current_accelerator() if has_gpu else torch.device("cpu")
images_to_search_with = IMAGES or (10_000 if has_gpu else 1_000)
optuna.logging.set_verbosity(optuna.logging.WARNING)  # we print a line for each trial ourselves
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
print(f"{DEVICE}, {images_to_search_with:,} images to search with")

# %% data-text [markdown]
# ## The garments, in three parts
#
# **Training** images teach each network. **Validation** images decide which network is best.
# **Test** images decide nothing: they are used once, at the end. No pretrained network here, so no
# special preprocessing: one grey channel, 28 × 28 pixels, values from 0 to 1.

# %% data-functions
from solutions.data import split_train_val

# %% data
NAMES = FashionMNIST.classes


def garments(*, train, count):
    """Garments with their labels, drawn or real: for the same count always the same."""
    if DATA == "embedded":
        from grader.materials.garments import GarmentImages

        drawn = GarmentImages(train, count=count, seed=SEED)
        return TensorDataset(drawn.data[:, None] / 255, drawn.targets)
    real = FashionMNIST(ROOT, train=train, download=True)
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(SEED))[:count]
    return TensorDataset(real.data[order, None] / 255, real.targets[order])


everything = garments(train=True, count=images_to_search_with)
train_set, val_set = split_train_val(everything, 0.2, SEED)
test_set = garments(train=False, count=images_to_search_with)
print(f"{len(train_set):,} to train, {len(val_set):,} to validate, {len(test_set):,} to test")

images, labels = everything.tensors
rows = [images[labels == c][:12, 0] for c in range(10)]
sheet = torch.zeros(10 * 28, 12 * 28)
for row, garments_of_class in enumerate(rows):
    for column, image in enumerate(garments_of_class):
        sheet[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)] = image

_, axes = plt.subplots(figsize=(8, 6.2), layout="constrained")
axes.imshow(sheet, cmap="gray")
axes.set_xticks([])
axes.set_yticks([28 * row + 14 for row in range(10)], NAMES)
axes.tick_params(length=0)
plt.show()

# %% build-text [markdown]
# ## A network whose shape is drawn
#
# A **trial** is one attempt. It suggests a value for each hyperparameter, by name, and the network
# is built from these. Each convolution keeps the picture's size (`padding`), and the pooling halves
# it: 28 pixels become 14, 7, 3. Without the padding three convolutions of kernel 5 would have
# nothing left.
#
# There are 3 × 4 × 2 × 3 × 3 = 216 shapes, before the first learning rate has been tried.

# %% build-functions
from solutions.tune import build_cnn

# %% build
example = {
    "num_conv_layers": 2,
    "num_filters": 16,
    "kernel_size": 3,
    "num_fc_layers": 1,
    "fc_layer_size": 64,
    "dropout": 0.25,
}
print(build_cnn(optuna.trial.FixedTrial(example)))

# %% objective-text [markdown]
# ## The objective
#
# Trial in, score out. Four more values are drawn: the learning rate and the weight decay on a *log*
# scale (between 0.0001 and 0.001 there is as much to discover as between 0.001 and 0.01), the
# optimizer and the batch size.
#
# After each epoch the trial gets to know the validation accuracy, and says whether to go on. That
# is **pruning**: who is below the median of the earlier trials at the same epoch has to stop, and
# most of the time goes to the good ones.

# %% objective-functions
from solutions.tune import objective

# %% study-text [markdown]
# ## The study
#
# A **study** runs trials, remembers them all, and suggests the next values near good ones (TPE, a
# tree-structured Parzen estimator; its first ten trials are drawn at random). With a storage it
# outlives the notebook: it counts the *finished* trials in total, so that a second call goes on
# where the first one stopped.

# %% study-functions
from solutions.tune import run_study


# %% search
def watched(trial):
    """The objective, with a line for each trial."""
    try:
        accuracy = objective(trial, train_set, val_set, epochs=EPOCHS, device=DEVICE)
    except optuna.TrialPruned:
        print(f"trial {trial.number:>2}: pruned")
        raise
    print(f"trial {trial.number:>2}: {accuracy:.3f}")
    return accuracy


# The name tells what was searched with: other images or epochs make another study.
study_name = f"{DATA}, {images_to_search_with} images, {EPOCHS} epochs, seed {SEED}"
study = run_study(watched, TRIALS, seed=SEED, storage=STORAGE, study_name=study_name)

# %% resume-text [markdown]
# Run the cell above again: nothing happens, for the study has all its trials. Stop it in the
# middle, restart the kernel, come back tomorrow: it goes on. With a larger `TRIALS` it runs the
# missing ones. (The sampler then begins its random numbers anew: an interrupted study is not the
# twin of an uninterrupted one.) To start over, delete `cnn_optuna.db`. The same call once more:

# %% resume
before = len(study.trials)
study = run_study(watched, TRIALS, seed=SEED, storage=STORAGE, study_name=study_name)
print(f"{before} trials before, {len(study.trials)} afterwards")


# %% best
completed = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
pruned = study.get_trials(states=[optuna.trial.TrialState.PRUNED])
print(
    f"{len(completed)} complete, {len(pruned)} pruned; the best is trial {study.best_trial.number}"
)
print(f"validation accuracy {study.best_value:.3f} with")
for name, value in study.best_params.items():
    print(f"  {name:<16} {value:.2g}" if isinstance(value, float) else f"  {name:<16} {value}")

# %% history-text [markdown]
# ## What the study saw
#
# Optuna draws its own pictures. First the history: each point is a complete trial, the line is the
# best so far. Does it still rise at the end? Then it was too early to stop.

# %% history
with plt.rc_context():  # Optuna's pictures have a style of their own
    axes = optuna_plots.plot_optimization_history(study)
    axes.figure.set_size_inches(8, 4)
    axes.set(ylabel="validation accuracy")
    axes.xaxis.get_major_locator().set_params(integer=True)
    plt.show()

# %% intermediate-text [markdown]
# Next, what each trial reported after its epochs. Short lines and single points are the pruned
# ones. Would one of them have come to something? Pruning is a bet that slow starters stay behind.

# %% intermediate
with plt.rc_context():
    axes = optuna_plots.plot_intermediate_values(study)
    axes.figure.set_size_inches(8, 4)
    axes.set(ylabel="validation accuracy", xlabel="epoch, from 0")
    axes.xaxis.get_major_locator().set_params(integer=True)
    if axes.get_legend():
        axes.get_legend().remove()
    plt.show()

# %% importance-text [markdown]
# Which hyperparameters mattered? The importances (here by PED-ANOVA) ask what sets the good trials
# apart from the others. With few trials they are a hint, not a finding: run more and see which bars
# stay.

# %% importance
with plt.rc_context():
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    axes = optuna_plots.plot_param_importances(study, evaluator=evaluator)
    axes.figure.set_size_inches(8, 4)
    plt.show()

# %% slice-text [markdown]
# And where were the good values? Each point is a complete trial, and darker ones are later: the
# study crowds where it was good.

# %% slice
with plt.rc_context():
    looked_at = ["learning_rate", "optimizer", "num_conv_layers", "num_filters"]
    axes = optuna_plots.plot_slice(study, params=looked_at)
    axes[0].figure.set_size_inches(12, 3.5)
    plt.show()

# %% retrain-text [markdown]
# ## The winner, retrained
#
# The choice is made, so the validation images are free: the winner trains anew on *all* the images
# that we have, and longer. Nothing is left to decide by, so how long was fixed beforehand
# (`FINAL_EPOCHS`).

# %% retrain-functions
from solutions.train import train_one_epoch


# %% retrain
def trained(params, dataset, *, epochs):
    """A network with these hyperparameters, trained on a dataset, and its losses."""
    torch.manual_seed(SEED)
    model = build_cnn(optuna.trial.FixedTrial(params)).to(DEVICE)
    optimizer = getattr(torch.optim, params["optimizer"])(
        model.parameters(), lr=params["learning_rate"], weight_decay=params["weight_decay"]
    )
    loader = DataLoader(dataset, batch_size=params["batch_size"], shuffle=True)
    loss_fn = torch.nn.CrossEntropyLoss()
    losses = []
    for _ in range(epochs):
        model.train()
        losses.append(train_one_epoch(model, loader, loss_fn, optimizer, DEVICE))
    return model, losses


model, losses = trained(study.best_params, ConcatDataset([train_set, val_set]), epochs=FINAL_EPOCHS)

_, axes = plt.subplots(figsize=(6, 3), layout="constrained")
axes.plot(range(1, len(losses) + 1), losses, "o--", color="tab:orange", markersize=4)
axes.set(xlabel="epoch", title="training loss of the winner", ylim=(0, None))
axes.grid(alpha=0.3)
plt.show()

# %% test-text [markdown]
# ## The test, once
#
# **Why only once?** The winner's validation accuracy is flattering. It is the best of many, a
# little by skill and a little by luck, and the more you try, the more luck there is to pick from.
# The test images are honest as long as they have decided nothing. Measure, dislike the number, go
# back and change something: then they have decided, too, and you have no honest number any more.

# %% test-functions
from solutions.evaluate import evaluate

# %% test
test_loader = DataLoader(test_set, batch_size=128)
_, test_accuracy = evaluate(model, test_loader, DEVICE)


def uncertainty(accuracy, count):
    """By how much an accuracy that was measured on so many images may be off: sqrt(a(1-a)/n)."""
    return (accuracy * (1 - accuracy) / count) ** 0.5


values = torch.tensor([trial.value for trial in completed])
measured = {
    "median of the complete trials, validation": (values.median().item(), len(val_set)),
    "the best trial, validation": (study.best_value, len(val_set)),
    "the best trial retrained, test": (test_accuracy, len(test_set)),
}
_, axes = plt.subplots(figsize=(8, 2.2), layout="constrained")
for name, (accuracy, count) in measured.items():
    error = uncertainty(accuracy, count)
    print(f"{name:<42} {accuracy:.3f} ± {error:.3f}")
    color = "tab:orange" if name.endswith("test") else "lightgray"
    bar = axes.barh(name, accuracy, xerr=2 * error, capsize=4, color=color)
    axes.bar_label(bar, fmt="%.3f", label_type="center")
axes.set(xlim=(0, 1), xlabel="accuracy")
axes.invert_yaxis()
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% mistakes-text [markdown]
# ## The worst mistakes
#
# The garments that the winner was surest about, and wrong.

# %% mistakes-functions
from solutions.evaluate import plot_predictions

# %% mistakes
model.eval()
images, labels = test_set.tensors
with torch.no_grad():
    logits = torch.cat([model(part.to(DEVICE)).cpu() for part in images.split(128)])
confidence, predictions = logits.softmax(dim=1).max(dim=1)

wrong = (predictions != labels).nonzero().flatten()
worst = wrong[confidence[wrong].argsort(descending=True)][:10]
print("how sure it was:", ", ".join(f"{c:.0%}" for c in confidence[worst]))
plot_predictions(images[worst], labels[worst], predictions[worst], NAMES) if len(worst) else None

# %% end [markdown]
# ## Now you
#
# - Raise `TRIALS` to 40 and run the notebook again: the study goes on, and half of it is there.
# - Which importances stay when there are more trials, or with another `SEED`?
# - Give the search more epochs and fewer trials. Does another network win?
# - Set `DATA = "fashion-mnist"`: do the values that were good for drawn garments win again?
# - Compare with `transfer_learning_fashion_mnist_pytorch_gpu.ipynb`. What did the pretrained
#   network reach with fewer images?
#
# The exercises that these functions come from: 00 `data`, 04 `train`, 05 `evaluate`, 07 `tune`.
