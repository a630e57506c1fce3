"""The whole comparison: scenes on both sides, pictures, then the difference of the sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import torch
from rich.console import Console
from rich.text import Text

from grader.common.errors import UserError
from grader.common.files import prepare_folder
from grader.course.settings import Course
from grader.learner.compare.scene import LABELS, Scene, Stage, scenes_in
from grader.learner.compare.sides import Outcome, Side
from grader.learner.compare.sources import difference
from grader.learner.compare.table import heading, not_attempted, rows
from grader.learner.figures import save
from grader.learner.kept_results import source_file, unsolved
from grader.learner.rerun import up_to_date

YOURS, REFERENCE = "yours", "reference"
FIGURES: Final = "figures"
LATER: Final = (
    "The reference is not here yet: after the deadline you get the solutions, as a folder "
    "`solutions` beside course.yaml. Until then, this table shows only your results."
)


@dataclass(frozen=True)
class Settings:
    """How to compare.

    Attributes:
        seed: the seed for all random inputs and for training.
        device: the device on which to train.
        labels: the numbers of images from which the capstone's classifiers learn.
        out: the folder for the pictures (None: `figures/NN` in the course's folder).
        reveal: whether to show the sources even though not all checks pass.
    """

    seed: int = 0
    device: str = "cpu"
    labels: tuple[int, ...] = LABELS
    out: Path | None = None
    reveal: bool = False


@dataclass
class Tally:
    """What was found so far.

    Attributes:
        compared: how many facts were compared.
        differing: how many facts differ, plus the scenes that failed on one side.
        missing: the functions that are not written yet.
        keepsakes: the data for the pictures, by side.
    """

    compared: int
    differing: int
    missing: list[str]
    keepsakes: dict[str, dict[str, Any]]


def compare(course: Course, number: str, settings: Settings, console: Console) -> bool:
    """Print the learner's results beside the reference's, and draw pictures of both.

    Args:
        course: the course. The folder `solutions` beside its `course.yaml` may be missing.
        number: the exercise's number.
        settings: how to compare.
        console: the console to print to.

    Returns:
        Whether everything is the same and all visible checks pass. Without the reference: whether
        every scene ran to its end.
    """
    module = _module(course, number)
    _try_device(settings.device)
    stage = Stage(course, settings.seed, settings.device, tuple(sorted(set(settings.labels))))
    reference = _reference(course, number)
    out = settings.out or course.root / FIGURES / number
    if hasattr(module, "pictures"):
        prepare_folder(out)
    # The learner's side is loaded last, so that `sys.modules` has their module.
    sides = [Side(REFERENCE, reference)] if reference else []
    sides.insert(0, Side(YOURS, source_file(course, number)))
    _paragraph(console, f"Exercise {number} · {course.exercise(number).title}", "bold")
    _paragraph(console, "")
    for line in heading(reference=reference is not None):
        console.print(line)
    tally = _play(scenes_in(module, stage, number), sides, stage, console)
    for path in _draw(module, tally, stage, out):
        _paragraph(console, f"Picture: {_short(path)}")
    _paragraph(console, "")
    for said in _summary(tally, reference is not None):
        _paragraph(console, said)
    if reference is None:
        _paragraph(console, LATER)
        return not tally.missing and not tally.differing
    passed = settings.reveal or _passes(course, number, tally, console)
    if passed:
        _paragraph(console, "")
        tasks = course.exercise(number).tasks
        for diffed in difference(*_sources(sides), tasks):
            console.print(diffed, soft_wrap=True)
    else:
        _paragraph(console, _how_to_reveal(number, sides[0]))
    return passed and not tally.missing and not tally.differing


def _module(course: Course, number: str) -> ModuleType:
    """The module with an exercise's scenes; `UserError` if there is none."""
    name = course.exercise(number).module
    try:
        return import_module(f"grader.learner.compare.scenes.{name}")
    except ModuleNotFoundError:
        raise UserError(f"exercise {number} ({name}.py) cannot be compared") from None


def _reference(course: Course, number: str) -> Path | None:
    path = course.root / "solutions" / course.exercise(number).file_name
    return path if path.is_file() else None


def _try_device(name: str) -> None:
    """Raise `UserError` if the device cannot be used."""
    try:
        torch.zeros(1, device=name).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        line = str(error).partition("\n")[0]
        raise UserError(f"the device {name!r} cannot be used: {line}") from None


def _play(scenes: Sequence[Scene], sides: list[Side], stage: Stage, console: Console) -> Tally:
    """Play all scenes, and print the result of each as soon as it is known."""
    tally = Tally(0, 0, [], {side.name: {} for side in sides})
    for task, of_task in groupby(scenes, key=lambda scene: scene.task):
        begun = False
        for scene in of_task:
            yours = sides[0].play(scene, stage)
            if yours.failure and yours.failure.not_attempted:
                tally.missing.append(task)
                for line in not_attempted(task):
                    console.print(line)
                break
            if not begun:
                console.print()
                console.print(Text(task, style="bold"))
            begun = True
            others = [side.play(scene, stage) for side in sides[1:]]
            _show(scene, [yours, *others], sides, tally, console)
    return tally


def _show(
    scene: Scene, outcomes: list[Outcome], sides: list[Side], tally: Tally, console: Console
) -> None:
    """Print what a scene found, and add it to the tally."""
    lines, compared, differing = rows(
        scene, outcomes[0], outcomes[1] if len(outcomes) > 1 else None
    )
    tally.compared += compared
    tally.differing += differing
    for side, outcome in zip(sides, outcomes, strict=True):
        tally.keepsakes[side.name] |= outcome.keepsakes
    for line in lines:
        console.print(line)


def _draw(module: ModuleType, tally: Tally, stage: Stage, out: Path) -> Iterator[Path]:
    """Save the pictures that can be drawn, and yield the path of each."""
    if not hasattr(module, "pictures"):
        return
    for name, figure in module.pictures(tally.keepsakes, stage):
        save(figure, out / f"{name}.png")
        yield out / f"{name}.png"


def _summary(tally: Tally, reference: bool) -> Iterator[str]:
    """Sum up the table in a line or two."""
    if tally.missing:
        yield f"Not attempted yet: {', '.join(tally.missing)}."
    if not reference:
        if tally.differing:
            yield f"{tally.differing} of your calls failed."
    elif tally.differing:
        yield f"{tally.differing} of {tally.compared} results compared differ from the reference's."
    elif tally.compared:
        yield f"All results are the same as the reference's ({tally.compared} compared)."


def _passes(course: Course, number: str, tally: Tally, console: Console) -> bool:
    """Whether all visible checks pass; runs them if there is no valid result."""
    if tally.missing:
        return False
    with console.status("Running the visible checks"):
        found = up_to_date(course, [number], lambda _: None)[number]
    return bool(found.verdicts) and not found.problem and not unsolved(found.verdicts)


def _how_to_reveal(number: str, yours: Side) -> str:
    return (
        f"When all visible checks pass (`pytest exercises/{number}`), this also shows the "
        f"difference between {yours.shown} and the reference, with the reason for each step. "
        "`--reveal` shows it now."
    )


def _short(path: Path) -> Path:
    """The path, relative to the current folder if it lies below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _sources(sides: list[Side]) -> tuple[Path, Path, Mapping[Path, object]]:
    yours, reference = sides
    return yours.source, reference.source, {side.source: side.shown for side in sides}


def _paragraph(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph; it is wrapped only on a terminal."""
    console.print(Text(text, style=style), soft_wrap=not console.is_terminal)
