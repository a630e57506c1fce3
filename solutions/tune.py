"""Hyperparameter search with Optuna."""

from collections.abc import Callable

import optuna
import torch
from torch import Tensor, nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

CLASSES = 10
FINISHED = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)


def build_cnn(trial: optuna.Trial) -> nn.Module:
    """Build a convolutional network whose shape the trial draws.

    Draws `num_conv_layers` (1–3), `num_filters` (16, 32, 64 or 128), `kernel_size` (3 or 5),
    `num_fc_layers` (1–3), `fc_layer_size` (64, 128 or 256) and `dropout` (0.2–0.5).

    Args:
        trial: answers the `suggest_…` calls.

    Returns:
        Images (N, 1, 28, 28) → logits (N, 10): `num_conv_layers` convolutions of `num_filters`
        channels, `num_fc_layers` hidden Linear layers of `fc_layer_size`, then the output layer.
    """
    # Everything is drawn before anything is built: each trial asks the same questions.
    num_conv_layers = trial.suggest_int("num_conv_layers", 1, 3)
    num_filters = trial.suggest_categorical("num_filters", [16, 32, 64, 128])
    kernel_size = trial.suggest_categorical("kernel_size", [3, 5])
    num_fc_layers = trial.suggest_int("num_fc_layers", 1, 3)
    fc_layer_size = trial.suggest_categorical("fc_layer_size", [64, 128, 256])
    dropout = trial.suggest_float("dropout", 0.2, 0.5)

    layers: list[nn.Module] = []
    channels, side = 1, 28
    for _ in range(num_conv_layers):
        layers += [
            # Padded, a convolution keeps the side: three of them and their pooling fit into 28.
            nn.Conv2d(channels, num_filters, kernel_size, padding=kernel_size // 2),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        channels, side = num_filters, side // 2
    layers.append(nn.Flatten())
    features = channels * side * side
    for _ in range(num_fc_layers):
        layers += [nn.Linear(features, fc_layer_size), nn.ReLU(), nn.Dropout(dropout)]
        features = fc_layer_size
    return nn.Sequential(*layers, nn.Linear(features, CLASSES))


def objective(
    trial: optuna.Trial,
    train_set: Dataset[tuple[Tensor, int]],
    val_set: Dataset[tuple[Tensor, int]],
    *,
    epochs: int,
    device: torch.device | str,
) -> float:
    """Train one network with the hyperparameters of a trial and measure it.

    Beside the network's shape it draws `learning_rate` (1e-4 to 1e-2) and `weight_decay` (1e-6 to
    1e-2), both on a log scale, `optimizer` ("Adam", "SGD" or "RMSprop") and `batch_size` (32, 64
    or 128). After every epoch it reports the validation accuracy to the trial.

    Args:
        trial: answers the `suggest_…` calls and decides about pruning.
        train_set: items of an image (1, 28, 28) and a class, 0 to 9.
        val_set: the same, to measure on, in eval mode.
        epochs: passes over `train_set`.
        device: where to train.

    Returns:
        The last validation accuracy, a fraction in [0, 1].

    Raises:
        optuna.TrialPruned: when the trial should be pruned.
    """
    # What is random in a trial comes from its number: a study with a seed can be repeated. The fork
    # puts the state of the CPU's generator back, which belongs to the caller.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(trial.number)  # for weights, and for Dropout, which draws on the device
        return _train(trial, train_set, val_set, epochs, device)


def run_study(
    objective: Callable[[optuna.Trial], float],
    n_trials: int,
    *,
    seed: int,
    storage: str | optuna.storages.BaseStorage | None = None,
    study_name: str = "fashion",
) -> optuna.Study:
    """Search for the hyperparameters that maximise an objective.

    Args:
        objective: gives the value of a trial.
        n_trials: how many finished trials (complete or pruned) the study has at the end, earlier
            ones included. None is run when there are enough; failed ones do not count.
        seed: of the TPE sampler.
        storage: a URL or a storage object; a second call with it goes on with the study.
        study_name: the study's name in the storage.

    Returns:
        The study, with a TPE sampler and a median pruner.
    """
    # `load_if_exists`: with a storage, a second call goes on instead of failing.
    study = optuna.create_study(
        storage=storage,
        study_name=study_name,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(),
        load_if_exists=True,
    )
    # A sampler forgets what it drew: with the same seed a resumed study would draw it all again.
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    # The callback looks after each trial only: with enough of them, none may be started.
    if len(study.get_trials(deepcopy=False, states=FINISHED)) < n_trials:
        enough = optuna.study.MaxTrialsCallback(n_trials, states=FINISHED)
        study.optimize(objective, callbacks=[enough])
    return study


def _train(
    trial: optuna.Trial,
    train_set: Dataset[tuple[Tensor, int]],
    val_set: Dataset[tuple[Tensor, int]],
    epochs: int,
    device: torch.device | str,
) -> float:
    """What `objective` does, from a seeded state of the random numbers."""
    model = build_cnn(trial).to(device)
    # On a log scale 1e-4 to 1e-3 is as likely as 1e-3 to 1e-2: what matters is the factor.
    lr = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
    weight_decay = trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True)
    optimizers: dict[str, Callable[..., optim.Optimizer]] = {
        "Adam": optim.Adam,
        "SGD": optim.SGD,
        "RMSprop": optim.RMSprop,
    }
    optimizer_name = trial.suggest_categorical("optimizer", list(optimizers))
    batch_size = trial.suggest_categorical("batch_size", [32, 64, 128])

    optimizer = optimizers[optimizer_name](model.parameters(), lr=lr, weight_decay=weight_decay)
    # A copy from pinned memory to a GPU need not be waited for: the next batch is prepared while
    # the GPU still computes.
    pinned = torch.device(device).type == "cuda"
    order = torch.Generator().manual_seed(trial.number)
    train_loader = DataLoader(
        train_set, batch_size=batch_size, shuffle=True, generator=order, pin_memory=pinned
    )
    val_loader = DataLoader(val_set, batch_size=batch_size, pin_memory=pinned)

    accuracy = 0.0
    for epoch in range(epochs):
        model.train()  # each time: measuring has switched to eval mode
        for images, labels in train_loader:
            images = images.to(device, non_blocking=pinned)
            labels = labels.to(device, non_blocking=pinned)
            optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()
        accuracy = _accuracy(model, val_loader, device)
        trial.report(accuracy, epoch)
        # An exception, not a return: Optuna keeps pruned trials apart from complete ones.
        if trial.should_prune():
            raise optuna.TrialPruned
    return accuracy


# Part of what exercise 05 does: each exercise stands alone.
@torch.inference_mode()
def _accuracy(
    model: nn.Module,
    loader: DataLoader[tuple[Tensor, int]],
    device: torch.device | str,
) -> float:
    """The fraction of a loader's items that the model gets right, in eval mode."""
    model.eval()
    # The sum stays on the device: `item()` for each batch would make the CPU wait for the GPU.
    correct, count = torch.zeros((), dtype=torch.int64, device=device), 0
    for images, labels in loader:
        images = images.to(device, non_blocking=loader.pin_memory)
        labels = labels.to(device, non_blocking=loader.pin_memory)
        correct += (model(images).argmax(dim=1) == labels).sum()
        count += len(labels)
    if count == 0:
        raise ValueError("the validation set is empty: there is nothing to measure")
    return correct.item() / count
