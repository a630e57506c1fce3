"""A whole grading: from a class's files to the results in the output folder."""

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
        seed: instead of the output folder's own.
        fresh: whether the output folder draws a new seed.
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
    """Grade a class and write its results; what was graded before is not graded again.

    Args:
        course: the course.
        submissions: what to grade.
        options: how.
        on_result: told each result as it comes.
        on_damage: told where a damaged journal was set aside.

    Returns:
        The results, and the file that holds them.

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
    """The course's slots; none in a sandbox that has no way to the GPU (see `grader doctor`)."""
    within_reach = mode is None or mode.devices
    return GpuSlots(folder, course.gpu_slots if within_reach else 0)


@contextmanager
def _workers(jobs: int, journal: Journal) -> Iterator[WorkerPool]:
    """The workers and their temporary folder; at the end nothing of them is left."""
    remove_trees(journal.left_behind())  # by a grading that was killed
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    folder.chmod(0o711)  # runners that are another user pass through it
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
