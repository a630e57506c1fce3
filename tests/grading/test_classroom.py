"""A class on any executor: lost jobs are tried once more, and nothing is graded twice."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.common.errors import KitError, UserError
from grader.course.scoring import Judgement, Status, Verdict
from grader.course.settings import Course
from grader.grading.classroom import Classroom, Result, find_submissions
from grader.grading.job import Job
from grader.grading.journal import Journal
from grader.grading.worker_pool import WorkerPool
from grader.judge.gpu_slots import GpuSlots
from tests.support.corpus import course

NOBODY = 65_534  # the user id
PASSED = Verdict("03.find_head.families", "A title.", Status.PASSED, "", 1.0, True)
PENDING = Verdict("03.find_head.gpu", "A title.", Status.NEEDS_GPU, "", 1.0, True)


class Cluster(Executor):
    """Stands in for a cluster's executor: computes the outcome of a job itself."""

    def __init__(self, outcome: Callable[[Job, int], Judgement]) -> None:
        self.outcome = outcome
        self.jobs: list[Job] = []
        self.threads = ThreadPoolExecutor(4)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        [job] = args
        attempt = sum(earlier.content == job.content for earlier in self.jobs)
        self.jobs.append(job)
        return self.threads.submit(self.outcome, job, attempt)


def passed(job: Job, attempt: int) -> Judgement:
    return Judgement([PASSED])


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    for number in range(12):
        path = tmp_path / "submitted" / f"student {number}" / "03" / "head.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"# {number}")
    return tmp_path / "submitted"


def grade(submitted: Path, executor: Executor, of: Course | None = None) -> dict[str, Result]:
    out = submitted.parent / "out"
    out.mkdir(exist_ok=True)
    found = of or course()
    submissions, _ = find_submissions(found, submitted)
    told: list[Result] = []
    with Journal(out, found, "s", sandboxed=True) as journal:
        classroom = Classroom(
            found,
            seed="s",
            mode=None,
            gpu=GpuSlots(out, 0),
            journal=journal,
            executor=executor,
            on_result=told.append,
        )
        results = classroom.grade(submissions, at_once=3)
    names = [result.submission.student for result in results]
    assert names == sorted(names)
    assert sorted(told, key=lambda r: r.submission.student) == results
    return {result.submission.student: result for result in results}


def test_what_was_graded_is_not_graded_again(submitted: Path) -> None:
    first, second = Cluster(passed), Cluster(passed)
    results = grade(submitted, first)
    assert len(first.jobs) == len(results) == 12
    assert grade(submitted, second) == results
    assert second.jobs == []


def test_a_changed_submission_is_graded_anew_and_no_other(submitted: Path) -> None:
    grade(submitted, Cluster(passed))
    (submitted / "student 7" / "03" / "head.py").write_text("# changed")
    cluster = Cluster(passed)
    grade(submitted, cluster)
    assert [job.content for job in cluster.jobs] == [b"# changed"]


def test_what_was_pending_is_tried_again(submitted: Path) -> None:
    def pending(job: Job, attempt: int) -> Judgement:
        return Judgement([PENDING if job.content == b"# 3" else PASSED])

    results = grade(submitted, Cluster(pending))
    assert results["student 3"].status == "pending"
    assert results["student 3"].pending > 0
    cluster = Cluster(passed)
    assert grade(submitted, cluster)["student 3"].status == "graded"
    assert [job.content for job in cluster.jobs] == [b"# 3"]


@pytest.mark.parametrize("error", [BrokenExecutor("gone"), KitError("no sandbox"), TypeError("x")])
def test_a_lost_job_is_tried_once_more(submitted: Path, error: Exception) -> None:
    def loses_some(job: Job, attempt: int) -> Judgement:
        lost = {b"# 4": 1, b"# 5": 2}.get(job.content, 0)
        if attempt < lost:
            raise error
        return Judgement([PASSED])

    results = grade(submitted, Cluster(loses_some))
    assert results["student 4"].status == "graded"
    lost = results.pop("student 5")
    assert (lost.status, lost.score, lost.pending) == ("grader_error", 0, lost.max_score)
    assert "\n" not in lost.problem
    assert {result.status for result in results.values()} == {"graded"}
    assert grade(submitted, Cluster(passed))["student 5"].status == "graded"


def test_the_verdict_is_of_the_bytes_that_were_read(submitted: Path) -> None:
    path = submitted / "student 2" / "03" / "head.py"

    def changes_while_graded(job: Job, attempt: int) -> Judgement:
        if job.content == b"# 2":
            path.write_text("# better")
        return Judgement([PASSED])

    grade(submitted, Cluster(changes_while_graded))
    cluster = Cluster(passed)
    grade(submitted, cluster)
    assert [job.content for job in cluster.jobs] == [b"# better"]
    path.write_text("# 2")
    cluster = Cluster(passed)
    grade(submitted, cluster)
    assert cluster.jobs == [], "what was read then has its verdict"


def test_no_more_jobs_are_begun_than_asked_for(submitted: Path) -> None:
    finished, running = [], []

    def outcome(job: Job, attempt: int) -> Judgement:
        time.sleep(0.02)
        running.append(len(cluster.jobs) - len(finished))
        finished.append(job)
        return Judgement([PASSED])

    cluster = Cluster(outcome)
    grade(submitted, cluster)
    assert max(running) == 3


def test_the_pool_replaces_a_worker_that_died(tmp_path: Path) -> None:
    with WorkerPool(2, tmp_path) as pool:
        lost, kept = pool.submit(os._exit, 1), pool.submit(pow, 2, 3)
        with pytest.raises(BrokenExecutor):
            lost.result()
        assert kept.result() == 8
        assert [pool.submit(pow, n, 2).result() for n in range(4)] == [0, 1, 4, 9]


def test_a_worker_keeps_to_one_core(tmp_path: Path) -> None:
    with WorkerPool(1, tmp_path) as pool:
        assert pool.submit(torch.get_num_threads).result() == 1


def test_a_pool_that_is_given_up_does_not_begin_what_it_was_given(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    pool = WorkerPool(1, tmp_path)
    first, second = pool.submit(begun.touch), pool.submit(begun.touch)
    pool.shutdown(cancel_futures=True)  # while the worker is still starting
    assert second.cancelled()
    with pytest.raises(BrokenExecutor):
        first.result()
    assert not begun.exists()


@pytest.fixture
def ordinary_user() -> Iterator[Path]:
    """A folder of this process's user, who is not root: root may read everything."""
    folder = Path(tempfile.mkdtemp(prefix="class-"))
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield folder
    if was_root:
        os.seteuid(0)
    for path in folder.rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_what_cannot_be_read_is_one_students_line(ordinary_user: Path) -> None:
    submitted = ordinary_user / "submitted"
    for student in ("anna", "ben", "cleo", "dan", "eve"):
        path = submitted / student / "03" / "head.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"# {student}")
    (submitted / "ben").chmod(0)
    (submitted / "cleo").chmod(0o400)  # its entries have names, and nothing else
    (submitted / "dan" / "03").chmod(0)
    (submitted / "eve" / "03" / "head.py").chmod(0)
    found, problems = find_submissions(course(), submitted)
    assert [submission.student for submission in found] == ["anna", "dan", "eve"]
    assert problems == [
        "ben: the folder cannot be read: Permission denied",
        "cleo: the folder cannot be read: Permission denied",
    ]
    graded = grade(submitted, Cluster(passed))
    assert graded["anna"].status == "graded"
    assert graded["dan"].problem == "the folder cannot be read: Permission denied"
    assert graded["eve"].problem == "head.py cannot be read: Permission denied"
    submitted.chmod(0)
    with pytest.raises(UserError, match="submitted cannot be read: Permission denied"):
        find_submissions(course(), submitted)
