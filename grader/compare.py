"""`grader compare 08`: the learner's classifier beside the reference's, in numbers and pictures."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Final

import torch
from matplotlib.figure import Figure
from torch import Generator, Tensor, nn

from grader.capstone import BATCH, EMBEDDED, NUMBER, UNSEEN, draw_some
from grader.course import Course
from grader.errors import UserError
from grader.folders import whole_file
from grader.garments import CLASSES
from grader.report import prepare_folder
from grader.runner import Runner, describe_error
from grader.text import printable

FUNCTION: Final = "train_classifier"
LABELS: Final = (100, 300, 1000)
MOST_TEXT: Final = 300  # characters of an error's message
GRID: Final = (3, 4)  # of the worst mistakes
LINES: Final = (("o", "-"), ("s", "--"), ("^", ":"))  # curves differ without their colours, too
DPI: Final = 120
DODGE: Final = 1.015
Curves = dict[str, dict[int, list[float]]]  # whose → labelled images → accuracies, one a run


@dataclass(frozen=True)
class Settings:
    """How to compare.

    Attributes:
        counts: numbers of labelled images to learn from.
        device: where to train.
        seed: of the images and of both trainings.
        out: the folder of the pictures; None: `compared` in the course's folder.
    """

    counts: tuple[int, ...] = LABELS
    device: str = "cpu"
    seed: int = 0
    out: Path | None = None


@dataclass(frozen=True)
class Measured:
    """What a trained classifier makes of the unseen images.

    Attributes:
        seconds: that its training took.
        logits: float32 (n, 10).
        answers: the true classes, int64 (n,).
    """

    seconds: float
    logits: Tensor
    answers: Tensor

    @property
    def accuracy(self) -> float:
        """The fraction that is right."""
        return int((self.logits.argmax(dim=1) == self.answers).sum()) / len(self.answers)

    def confusion(self) -> Tensor:
        """How often each true class (rows) was taken for each class (columns), int64 (10, 10)."""
        pairs = self.answers * len(CLASSES) + self.logits.argmax(dim=1)
        return torch.bincount(pairs, minlength=len(CLASSES) ** 2).view(len(CLASSES), -1)

    def worst(self, most: int) -> list[tuple[int, int, float]]:
        """The most confident mistakes: index, predicted class and its probability."""
        confidence, predicted = self.logits.softmax(dim=1).max(dim=1)
        order = confidence.argsort(descending=True, stable=True)
        wrong = order[(predicted != self.answers)[order]][:most]
        return [(int(i), int(predicted[i]), float(confidence[i])) for i in wrong]


class Contender:
    """Somebody's `train_classifier`, executed in this process.

    Args:
        name: how the table calls it.
        source: the file; it is executed at once.
    """

    def __init__(self, name: str, source: Path) -> None:
        self.name = name
        self.source = source
        here = Path.cwd()
        self.shown = source.relative_to(here) if source.is_relative_to(here) else source
        if not source.is_file():
            raise UserError(f"{self.shown} is missing: it is what is compared")
        self.runner = Runner(source)
        self._safely(self.runner.do_load)

    def train(self, images: Tensor, labels: Tensor, settings: Settings) -> nn.Module:
        """A classifier that has learnt from copies of images and labels."""
        self.runner.do_seed(settings.seed)
        options = {"backbone": EMBEDDED, "device": settings.device, "seed": settings.seed}
        data = [images.clone(), labels.clone()]
        model = self._safely(self.runner.do_call, FUNCTION, data, options)
        if not isinstance(model, nn.Module):
            raise self._refuse(f"a classifier is an nn.Module, not {type(model).__name__}")
        if torch.device(settings.device).type == "cuda":
            torch.cuda.synchronize(settings.device)
        return model

    def logits(self, model: nn.Module, images: Tensor, device: str) -> Tensor:
        """What a classifier makes of images, wherever it lives: float32 (n, 10)."""
        device = next((str(p.device) for p in model.parameters()), device)
        return torch.cat([self._part(model, part, device) for part in images.split(BATCH)])

    def _part(self, model: nn.Module, images: Tensor, device: str) -> Tensor:
        found: object = self._safely(self.runner.do_forward, model, images.clone(), None, device)
        if not isinstance(found, Tensor):
            raise self._refuse(f"its classifier gives {type(found).__name__}, not a tensor")
        if found.shape != (len(images), len(CLASSES)):
            shape = tuple(found.shape)
            raise self._refuse(f"for {len(images)} images its classifier gives logits {shape}")
        if not found.is_floating_point() or not found.isfinite().all():
            raise self._refuse("not all that its classifier gives are finite numbers")
        return found.detach().float().cpu()

    def _safely(self, function: Callable[..., Any], *arguments: object) -> Any:
        """The value of a call into the contender's code; one line when that raises."""
        try:
            return function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise self._failure(describe_error(error, self.source)) from None

    def _failure(self, error: dict[str, Any]) -> UserError:
        name, lines = error["types"][0], error["lines"]
        if name == "NotImplementedError" and error["own"]:
            return UserError(f"{self.shown}: {FUNCTION} is not written yet")
        where = f"{self.shown}:{lines[-1]['line']}" if lines else str(self.shown)
        text = " ".join(printable(error["message"]).split())[:MOST_TEXT]
        return UserError(f"{where}: {name}: {text}" if text else f"{where}: {name}")

    def _refuse(self, why: str) -> UserError:
        return UserError(f"{self.shown}: {FUNCTION} returned no classifier: {why}")


def compare_classifiers(
    course: Course, number: str, settings: Settings, say: Callable[[str], None]
) -> bool:
    """Train the learner's classifier and the reference's, print a table and draw pictures.

    Args:
        course: the course; `solutions` stands beside its `course.yaml`.
        number: of the exercise.
        settings: how.
        say: prints a line.

    Returns:
        Whether the learner's classifier is good enough with the most labels.
    """
    contenders = _contenders(course, number)
    _try_device(settings.device)
    out = settings.out or course.root / "compared" / number
    prepare_folder(out)
    counts = sorted(set(settings.counts))
    images, labels = draw_some(counts[-1] + UNSEEN, Generator().manual_seed(settings.seed))
    unseen, answers = images[counts[-1] :], labels[counts[-1] :]
    found: dict[str, dict[int, Measured]] = {contender.name: {} for contender in contenders}
    for count in counts:
        for contender in contenders:
            say(f"{contender.name}: learning from {count} images ...")
            began = time.monotonic()
            model = contender.train(images[:count], labels[:count], settings)
            seconds = time.monotonic() - began
            logits = contender.logits(model, unseen, settings.device)
            found[contender.name][count] = Measured(seconds, logits, answers)
    for line in table(found):
        say(line)
    yours, wanted = found["yours"][counts[-1]], course.capstone.cpu.accuracy
    say(f"Yours gets {yours.accuracy:.1%} right; {wanted:.1%} are wanted.")
    for path in _draw(found, unseen, wanted, out):
        say(f"Written: {path}")
    return yours.accuracy >= wanted


def _contenders(course: Course, number: str) -> list[Contender]:
    """The learner and the reference; `UserError` when there is nothing to compare."""
    file_name = course.exercise(number).file_name
    if number != NUMBER:
        raise UserError(f"only exercise {NUMBER} can be compared so far")
    reference = course.root / "solutions" / file_name
    if not reference.is_file():
        raise UserError("`compare` needs the folder `solutions` beside course.yaml")
    theirs = Contender("reference", reference)
    # Last, so that the module's name in `sys.modules` is the learner's.
    return [Contender("yours", course.root / "exercises" / number / file_name), theirs]


def _try_device(name: str) -> None:
    """`UserError` when there is no such device."""
    try:
        torch.zeros(1, device=name).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        line = str(error).partition("\n")[0]
        raise UserError(f"the device {name!r} cannot be used: {line}") from None


def table(found: dict[str, dict[int, Measured]]) -> Iterator[str]:
    """Accuracies and seconds side by side, then the most frequent confusion of each."""
    yield ""
    yield f"{'':15}" + "".join(f"{name:>20}" for name in found)
    yield "labelled images" + f"{'right':>11}{'seconds':>9}" * len(found)
    counts = list(next(iter(found.values())))
    for count in counts:
        cells = (f"{m[count].accuracy:>11.1%}{m[count].seconds:>9.1f}" for m in found.values())
        yield f"{count:>15,}" + "".join(cells)
    yield ""
    yield f"Most frequent confusion after {counts[-1]:,} images:"
    for name, by_count in found.items():
        yield f"  {name:<10} {_most_frequent(by_count[counts[-1]].confusion())}"
    yield ""


def _most_frequent(matrix: Tensor) -> str:
    wrong = matrix.clone().fill_diagonal_(0)
    true, predicted = divmod(int(wrong.argmax()), len(CLASSES))
    times = int(wrong[true, predicted])
    if times == 0:
        return "none"
    return f"{CLASSES[true]} taken for {CLASSES[predicted]}, {times} of {int(matrix[true].sum())}"


def _draw(
    found: dict[str, dict[int, Measured]], unseen: Tensor, wanted: float, out: Path
) -> Iterator[Path]:
    """Write the pictures; their paths."""
    curves = {
        name: {count: [measured.accuracy] for count, measured in by_count.items()}
        for name, by_count in found.items()
    }
    last = {name: by_count[max(by_count)] for name, by_count in found.items()}
    pictures = {
        "learning_curves.png": draw_curves(curves, wanted),
        "confusion_matrices.png": draw_confusion(last),
        "worst_mistakes.png": draw_mistakes(last["yours"], unseen),
    }
    for name, figure in pictures.items():
        save(figure, out / name)
        yield out / name


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=DPI)


def draw_curves(curves: Curves, wanted: float | None = None) -> Figure:
    """Accuracy against the number of labelled images, with error bars where there are more runs.

    Args:
        curves: accuracies of each.
        wanted: an accuracy to mark.
    """
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    counts = sorted({count for by_count in curves.values() for count in by_count})
    handles: list[Any] = []
    for place, (name, by_count) in enumerate(curves.items()):
        marker, line = LINES[place % len(LINES)]
        means = [100 * fmean(runs) for runs in by_count.values()]
        bars = [100 * stdev(runs) if len(runs) > 1 else 0 for runs in by_count.values()]
        beside = DODGE**place if any(bars) else 1  # bars on top of each other cannot be told apart
        curve = axes.errorbar(
            [beside * count for count in by_count],
            means,
            bars if any(bars) else None,
            marker=marker,
            linestyle=line,
            linewidth=2,
            markersize=7,
            capsize=4,
            label=name,
        )
        handles.append(curve)
    if wanted is not None:
        label = f"wanted: {wanted:.1%}"
        handles.append(axes.axhline(100 * wanted, color="black", ls="-.", lw=1, label=label))
    axes.set(xscale="log", xlabel="labelled images", ylabel="unseen images right, %")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(handles=handles, loc="best")
    return figure


def draw_confusion(measured: dict[str, Measured]) -> Figure:
    """A confusion matrix for each, side by side, with its numbers."""
    figure = Figure(figsize=(7 * len(measured), 6.8), layout="constrained")
    panels = figure.subplots(1, len(measured), squeeze=False, sharey=True)[0]
    for axes, (name, found) in zip(panels, measured.items(), strict=True):
        matrix = found.confusion()
        axes.imshow(matrix.numpy(), cmap="Blues")
        dark = int(matrix.max()) / 2
        for row, column in matrix.nonzero().tolist():
            value = int(matrix[row, column])
            color = "white" if value > dark else "black"
            axes.text(column, row, str(value), ha="center", va="center", color=color, fontsize=11)
        axes.set_title(f"{name}: {found.accuracy:.1%} right", fontsize=14)
        axes.set_xlabel("predicted", fontsize=13)
        axes.set_xticks(range(len(CLASSES)), CLASSES, rotation=45, ha="right", fontsize=11)
        axes.set_yticks(range(len(CLASSES)), CLASSES, fontsize=11)
    panels[0].set_ylabel("true", fontsize=13)
    return figure


def draw_mistakes(measured: Measured, unseen: Tensor) -> Figure:
    """The most confident mistakes as pictures: predicted ≠ true, and the probability."""
    rows, columns = GRID
    figure = Figure(figsize=(2.6 * columns, 2.9 * rows), layout="constrained")
    mistakes = measured.worst(rows * columns)
    panels = list(figure.subplots(rows, columns).flat)
    for axes in panels:
        axes.set_axis_off()
    for axes, (index, predicted, probability) in zip(panels, mistakes, strict=False):
        axes.imshow(unseen[index].numpy(), cmap="gray", vmin=0, vmax=255)
        true = CLASSES[int(measured.answers[index])]
        axes.set_title(f"{CLASSES[predicted]} ≠ {true}\n{probability:.1%} sure", fontsize=11)
    heading = "Your most confident mistakes: predicted ≠ true" if mistakes else "No mistake"
    figure.suptitle(heading, fontsize=14)
    return figure
