"""Runs all checks of one exercise on one file, in this process."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from grader.common.errors import KitError
from grader.course.scoring import Verdict
from grader.course.settings import Course
from grader.judge.gpu_slots import GpuSlots
from grader.judge.pytest_plugin import Check, CheckRun, Connect, loopback

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
    on_collected: Callable[[list[Check]], None] = lambda checks: None,
    on_unloadable: Callable[[str], None] = lambda problem: None,
    on_setting: Callable[[str], None] = lambda name: None,
    on_start: Callable[[Check], None] = lambda check: None,
    on_measured: Callable[[str, str, float], None] = lambda check, name, figure: None,
    on_verdict: Callable[[Verdict], None] = lambda verdict: None,
    on_doubtful: Callable[[Check], None] = lambda check: None,
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
        on_collected: told all checks before the first one runs.
        on_unloadable: told in one line why the learner's file cannot be loaded.
        on_setting: told the name of each of the course's settings that a check looks at.
        on_start: told each check that is about to run.
        on_measured: told what a check measured: its id, a name and a figure.
        on_verdict: told each verdict.
        on_doubtful: told each check that ended in a way that may not be the submission's.

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
        on_collected=on_collected,
        on_unloadable=on_unloadable,
        on_setting=on_setting,
        on_start=on_start,
        on_measured=on_measured,
        on_verdict=on_verdict,
        on_doubtful=on_doubtful,
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
