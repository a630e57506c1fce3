"""Runs all checks of one exercise on one file, in this process."""

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
        number: of the exercise.
        source: the learner's file.
        seed: of the grading.
        connect: opens a channel to the learner's side for a file, with a GPU or without.
        gpu: the GPU slots.
        known: verdicts that stand already; their checks are not run again.
        listener: told what happens.

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
    """Run the tests of some files with these plugins; pytest's exit code.

    No option, plugin or `conftest.py` of the user's takes part, and nothing is printed.

    Args:
        root: the folder of the course.
        files: of tests.
        plugins: pytest plugins, which see what happens.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in FOREIGN:
            patch.delenv(name, raising=False)
        arguments = [*OPTIONS, f"--rootdir={root}", *map(str, files)]
        return pytest.main(arguments, plugins=list(plugins))
