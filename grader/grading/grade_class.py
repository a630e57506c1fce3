"""Grades a whole class: from its files to the results in the output folder."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.common.files import prepare_folder, remove_trees
from grader.course.settings import Course
from grader.grading.classroom import Classroom, Result, SubmittedFolder
from grader.grading.journal import TEMPORARY, Journal
from grader.grading.results_json import write_results
from grader.grading.seeds import grading_seed, new_grading
from grader.grading.worker_pool import WorkerPool
from grader.judge.gpu_slots import GpuSlots
from grader.sandbox.layers import Mode


@dataclass(frozen=True)
class GradingOptions:
    """How to grade.

    Attributes:
        out: the output folder.
        mode: how submissions are locked down (None: not at all, for code that is trusted).
        jobs: how many submissions are graded at a time.
        seed: replaces the output folder's own seed.
        fresh: whether to draw a new seed for the output folder.
    """

    out: Path
    mode: Mode | None
    jobs: int
    seed: str | None = None
    fresh: bool = False


def grade_class(
    course: Course,
    submissions: Sequence[SubmittedFolder],
    options: GradingOptions,
    *,
    on_result: Callable[[Result], None],
    on_damage: Callable[[Path], None],
) -> tuple[list[Result], Path]:
    """Grade a class and write its results, reusing the verdicts in the journal.

    Args:
        course: the course.
        submissions: the submissions to grade.
        options: how to grade.
        on_result: called with each result as it comes.
        on_damage: called with the path to which a damaged journal was moved.

    Returns:
        The results, and the path of `results.json`.

    Raises:
        UserError: when the output folder cannot be used.
    """
    prepare_folder(options.out)
    if options.fresh:
        new_grading(options.out)
    seed = options.seed or grading_seed(course, options.out)
    sandboxed = options.mode is not None
    with Journal(options.out, course, seed, sandboxed=sandboxed) as journal:
        if journal.damaged:
            on_damage(journal.damaged)
        with _workers(options.jobs, journal) as pool:
            classroom = Classroom(
                course,
                seed=seed,
                mode=options.mode,
                gpu=gpu_slots(course, options.mode, pool.temporary),
                journal=journal,
                executor=pool,
                on_result=on_result,
            )
            results = classroom.grade(submissions, at_once=2 * options.jobs)
        return results, write_results(course, results, options.out)


def gpu_slots(course: Course, mode: Mode | None, folder: Path) -> GpuSlots:
    """The course's GPU slots, or none if the sandbox cannot reach the GPU (see `grader doctor`)."""
    within_reach = mode is None or mode.devices
    return GpuSlots(folder, course.gpu_slots if within_reach else 0)


@contextmanager
def _workers(jobs: int, journal: Journal) -> Iterator[WorkerPool]:
    """Start the workers with a temporary folder; at the end, stop them and delete the folder."""
    remove_trees(journal.left_behind())  # left by a grading that was killed
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    folder.chmod(0o711)  # runners may run as another user, and must be able to enter it
    journal.note_temporary(folder)
    pool = WorkerPool(jobs, folder)
    try:
        yield pool
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    finally:
        pool.shutdown()
        remove_trees([folder])


def cores() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
