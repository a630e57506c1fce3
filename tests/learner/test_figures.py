"""Figures for learners: what they show, and that they have no side effects."""

import matplotlib as mpl
import optuna
import torch
from torch import Tensor

from grader.learner.figures import (
    Picture,
    count_by_block,
    draw_accuracies,
    draw_blocks,
    draw_confusion,
    draw_history,
    draw_importances,
    draw_mistakes,
    draw_predictions,
    draw_search,
    draw_transforms,
)
from grader.materials.garments import CLASSES
from grader.protocol.recipes import Network

HISTORY = [
    {"phase": phase, "train_loss": 1.0 - step / 10, "val_loss": 1.1, "val_accuracy": step / 10}
    for step, phase in enumerate(["head", "head", "full"])
]


def images(count: int) -> Tensor:
    return torch.arange(count, dtype=torch.uint8)[:, None, None].expand(-1, 28, 28)


def of_four() -> tuple[Tensor, Tensor]:
    """Labels and logits: two are right; the mistake with index 2 is the more confident one."""
    logits = torch.zeros(4, 10)
    for index, (predicted, logit) in enumerate([(0, 9.0), (6, 2.0), (6, 5.0), (1, 1.0)]):
        logits[index, predicted] = logit
    return torch.tensor([0, 4, 0, 1]), logits


def test_a_notebook_gets_a_picture_without_asking_for_it() -> None:
    content = draw_history({"yours": HISTORY})._repr_png_()
    assert content.startswith(b"\x89PNG")


def test_both_histories_are_in_one_figure_and_phases_are_marked() -> None:
    figure = draw_history({"yours": HISTORY, "reference": HISTORY})
    losses, accuracies = figure.axes
    assert len(losses.lines) == 2 * 2 + 1
    assert list(accuracies.lines[1].get_ydata()) == [0, 10, 20]
    assert [text.get_text() for text in losses.texts] == ["← head", "full →"]
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == [
        f"{s}, {p}" for s in ("yours", "reference") for p in ("training", "validation")
    ]
    assert draw_history({"yours": []}).axes


def test_curves_differ_without_their_colours() -> None:
    curves = {name: {100: [0.5, 0.6], 300: [0.7, 0.8]} for name in ("a", "b", "c")}
    (axes,) = draw_accuracies(curves, wanted=0.85).axes
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["a", "b", "c", "wanted: 85.0%"]
    lines = [curve.lines[0] for curve in axes.containers]
    assert len({line.get_marker() for line in lines}) == 3
    assert len({line.get_linestyle() for line in lines}) == 3


def test_matrices_hold_their_numbers() -> None:
    matrix = torch.zeros(10, 10, dtype=torch.int64)
    matrix[4, 6], matrix[1, 1] = 1, 3
    yours, theirs = draw_confusion({"yours": matrix, "reference": matrix.T}, CLASSES).axes
    cells = {text.get_position(): text.get_text() for text in yours.texts}
    assert cells == {(6, 4): "1", (1, 1): "3"}
    assert yours.get_title() == "yours: 75.0% right"
    assert len(theirs.texts) == 2
    draw_confusion({"nothing": 0 * matrix}, CLASSES)


def test_mistakes_are_shown_worst_first() -> None:
    figure = draw_mistakes(images(4), *of_four(), CLASSES)
    shown = [axes for axes in figure.axes if axes.images]
    titles = [axes.get_title() for axes in shown]
    assert [title.partition("\n")[0] for title in titles] == ["Shirt ≠ T-shirt/top", "Shirt ≠ Coat"]
    assert "94.3% sure" in titles[0]
    assert [int(axes.images[0].get_array()[0, 0]) for axes in shown] == [2, 1]
    perfect = draw_mistakes(images(10), torch.arange(10), torch.eye(10), CLASSES)
    assert not [axes for axes in perfect.axes if axes.images]


def test_predictions_name_the_model_that_is_wrong() -> None:
    labels = torch.tensor([0, 1])
    said = {"yours": torch.tensor([0, 2]), "reference": labels}
    first, second, *_ = draw_predictions(images(2), labels, said, CLASSES).axes
    assert next(text.get_text() for text in first.texts) == "✓ yours: T-shirt/top"
    assert [text.get_text() for text in second.texts] == [
        "✗ yours: Pullover",
        "✓ reference: Trouser",
    ]
    assert second.get_title() == "Trouser"
    assert len({text.get_color() for text in second.texts}) == 2


def test_blocks_show_what_learns() -> None:
    model = Network("SmallNet", {"widths": [4]}, frozen=["block1"]).build()
    blocks = count_by_block(model)
    assert blocks == {"scale": (1, 0), "block1": (0, 48), "head": (650, 0)}
    figure = draw_blocks({"a": blocks, "b": blocks})
    assert figure.axes[0].get_title() == "a\n651 of 699 learn"
    widths = sorted(bar.get_width() for bar in figure.axes[1].patches)
    assert widths == [1, 48, 650]
    assert {bar.get_hatch() for bar in figure.axes[1].patches} == {"", "///"}


def test_transforms_stand_beside_their_image() -> None:
    tensors = [torch.rand(3, 8, 8) for _ in range(2)]
    figure = draw_transforms(images(1)[0].numpy(), {"yours": tensors}, ["plain", "augmented"])
    assert [axes.get_title() for axes in figure.axes] == ["the image", "plain", "augmented"]
    assert all(len(axes.images) == 1 for axes in figure.axes)


def test_optunas_figures_leave_pyplot_as_it_was() -> None:
    from matplotlib import pyplot as plt

    before, open_ones = dict(mpl.rcParams), plt.get_fignums()
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    studies = {name: optuna.create_study(direction="maximize") for name in ("yours", "reference")}
    for study in studies.values():
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=4)
    optuna.logging.set_verbosity(level)
    figure = draw_search(studies)
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named[0] == "validation accuracy of yours"
    assert named[2] == "validation accuracy of reference"
    assert draw_importances(studies["yours"]).axes[0].patches
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_ones


def test_a_picture_belongs_to_no_window() -> None:
    from matplotlib import pyplot as plt

    before = plt.get_fignums()
    Picture(3, 2)
    assert plt.get_fignums() == before
