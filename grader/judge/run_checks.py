"""Runs all checks of one exercise on one file; the checks run in this process."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from grader.common.errors import KitError
from grader.course.scoring import Verdict
from grader.course.settings import Course
from grader.judge.gpu_slots import GpuSlots
from grader.judge.listener import Listener
from grader.judge.pytest_plugin import CheckRun, Connect, loopback

OPTIONS: Final = (
    *("--noconftest", "--disable-plugin-autoload", "--import-mode=importlib", "-c", os.devnull),
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:unraisableexception"),
)
FOREIGN: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def run_checks(
    course: Course,
    number: str,
    source: Path,
    *,
    seed: str,
    connect: Connect = loopback,
    gpu: GpuSlots | None = None,
    known: dict[str, Verdict] | None = None,
    listener: Listener | None = None,
) -> list[Verdict]:
    """Run the visible, then the hidden checks of an exercise.

    Args:
        course: the course.
        number: the exercise's number.
        source: the learner's file.
        seed: the grading's seed.
        connect: a function that opens a channel to a runner for a file, with a GPU or without.
        gpu: the GPU slots.
        known: verdicts from an earlier run; their checks are not run again.
        listener: the listener that receives the events of the run.

    Returns:
        The verdicts in the order of the run, known ones first.

    Raises:
        KitError: when the checks themselves cannot be collected.
    """
    run = CheckRun(
        course,
        lambda _: source,
        connect=connect,
        gpu=gpu,
        shown=lambda path: path.name,
        seed=seed,
        known=known,
        listener=listener,
    )
    files = [course.visible_checks(number), course.hidden_checks(number)]
    code = run_quietly(course.root, files, [run])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise KitError(f"the checks of exercise {number} cannot be run (pytest says {code!r})")
    return list(run.verdicts.values())


def run_quietly(root: Path, files: Sequence[Path], plugins: Sequence[object]) -> int:
    """Run the tests in some files without output, and return pytest's exit code.

    The user's own pytest options, plugins and `conftest.py` are ignored.

    Args:
        root: the course's folder.
        files: the test files.
        plugins: pytest plugins that take part in the run.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in FOREIGN:
            patch.delenv(name, raising=False)
        arguments = [*OPTIONS, f"--rootdir={root}", *map(str, files)]
        return pytest.main(arguments, plugins=list(plugins))
