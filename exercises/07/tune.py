"""Hyperparameter search with Optuna.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/07`.
"""

from collections.abc import Callable

import optuna
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset


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
    raise NotImplementedError("Task 7.1: build a convolutional network whose shape the trial draws")


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
    raise NotImplementedError(
        "Task 7.2: train one network with the hyperparameters of a trial and measure it"
    )


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
    raise NotImplementedError("Task 7.3: search for the hyperparameters that maximise an objective")
