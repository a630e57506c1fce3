"""The pytest plugin: runs checks on a learner's module and turns outcomes into verdicts."""

import hashlib
import re
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import pytest
import torch

import grader.common.quick_torchvision  # noqa: F401 (before the others import torchvision)
from grader.common.errors import KitError, NeedsGpu, UserError
from grader.common.fingerprint import HIDDEN_CHECKS
from grader.course.scoring import Status, Verdict
from grader.course.settings import Course, Watched
from grader.judge.example_text import Draws, told
from grader.judge.feedback import Feedback, judge_error
from grader.judge.gpu_slots import GpuSlots
from grader.judge.listener import Listener
from grader.judge.loopback import Loopback
from grader.judge.markers import Check
from grader.judge.submission import LearnerError, Submission
from grader.protocol.channel import Channel, RunnerEnded

LONGEST_PROBLEM: Final = 300
# Optuna logs a line with the time for every trial: the learner did not print it, and it differs
# from run to run.
LOGGED_BY_OPTUNA: Final = re.compile(r"\[[A-Z] \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+\] ")
Connect = Callable[[Path, bool], Channel]


def loopback(source: Path, gpu: bool) -> Channel:
    """Connect to a runner in this process, with a GPU or without."""
    return Loopback(source)


class CheckRun:
    """One pytest session of checks.

    Args:
        course: the course.
        locate: a function that returns the learner's file for an exercise's number.
        connect: a function that opens a channel to a runner for a file, with a GPU or without.
        gpu: the GPU slots.
        shown: a function that returns the name of a file for messages.
        seed: the grading's seed; a check's random numbers depend on it and on the check's id.
        shrinks: whether failing examples are made as small as possible.
        known: verdicts from an earlier run; their checks are not run again.
        listener: the listener that receives the events of the run.

    Attributes:
        verdicts: the verdicts by check id, in the order of the run.
    """

    def __init__(
        self,
        course: Course,
        locate: Callable[[str], Path],
        *,
        connect: Connect = loopback,
        gpu: GpuSlots | None = None,
        shown: Callable[[Path], str] = str,
        seed: str = "",
        shrinks: bool = False,
        known: dict[str, Verdict] | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.course = course
        self.locate = locate
        self.connect = connect
        self.gpu = gpu or GpuSlots(Path(tempfile.gettempdir()), course.gpu_slots)
        self.shown = shown
        self.seed = seed
        self.shrinks = shrinks
        self.verdicts = dict(known or {})
        self.listener = listener or Listener()
        self.submissions: dict[str, Submission] = {}
        self.loaded: set[str] = set()
        self.unloadable: set[str] = set()

    # ------------------------------------------------------------------ collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks that have no verdict yet, and refuse invalid ones."""
        checks = [self._check_of(item) for item in items]
        for item, check in zip(items, checks, strict=True):
            if check.gpu:
                item.add_marker("gpu")  # in time for `-m gpu` to select it
        ids = [check.id for check in checks]
        for position, check in enumerate(checks):
            task = check.id.split(".")[1]
            if task not in self.course.exercise(check.exercise).tasks:
                raise pytest.UsageError(f"{check.id}: the course has no task {task!r}")
            for need in check.needs:
                if need in ids and ids.index(need) > position:
                    raise pytest.UsageError(f"{check.id} needs {need}, which comes after it")
        if len(set(ids)) < len(ids):
            raise pytest.UsageError(f"two checks share an id among {sorted(ids)}")
        self.listener.collected(checks)
        items[:] = [item for item in items if self._check_of(item).id not in self.verdicts]

    def _check_of(self, item: pytest.Item) -> Check:
        mark = item.get_closest_marker("check")
        title = " ".join((getattr(item, "obj", None).__doc__ or "").split())
        if mark is None or not title:
            raise pytest.UsageError(f"{item.nodeid} needs a @check marker and a docstring")
        hidden = item.path.parent.name == HIDDEN_CHECKS.name
        number = item.path.name.split("_")[1] if hidden else item.path.parent.name
        needs = tuple(f"{number}.{need}" for need in mark.kwargs["needs"])
        id_ = f"{number}.{mark.kwargs['id']}"
        return Check(id_, title, mark.kwargs["weight"], needs, hidden, mark.kwargs["gpu"])

    # -------------------------------------------------------------------- fixtures

    @pytest.fixture
    def submission(self, request: pytest.FixtureRequest) -> Iterator[Submission]:
        """The learner's module."""
        check = self._check_of(request.node)
        if check.gpu:
            request.getfixturevalue("device")  # take the slot before the GPU is used
        self.listener.started(check)
        submission = self._submission(check)
        submission.channel.begin_check(hidden=check.hidden)
        # A submission that draws random weights gets the same ones in each grading with this seed.
        learner = self._seed(f"learner {check.id}")
        submission.seed(learner)
        submission.begin_check(Draws(self._seed(f"draws {check.id}"), learner, self.shrinks))
        yield submission
        submission.example = {}
        with suppress(RunnerEnded):
            submission.reset()
        if check.gpu:
            self._close(check.side)  # free the GPU's memory before the slot is released

    @pytest.fixture
    def device(self) -> Iterator[str]:
        """The GPU of a check that needs one, held until the check ends."""
        with self.gpu.take() as name:
            yield name

    def _submission(self, check: Check) -> Submission:
        """The submission for a check, opened on first use; loading it again costs nothing."""
        number = check.exercise
        if check.side not in self.submissions:
            source = self.locate(number)
            if not source.is_file():
                raise LearnerError("", _missing(source))
            for other in list(self.submissions):
                self._close(other)  # a sandbox has one runner at a time
            channel = self.connect(source, check.gpu)
            self.submissions[check.side] = Submission(channel, source.name)
        submission = self.submissions[check.side]
        try:
            submission.request("load", f"loading {submission.file_name}")
        except RunnerEnded as ended:
            self._cannot_load(number, f"cannot be loaded: {ended.because}")
            raise
        self.loaded.add(number)
        return submission

    @pytest.fixture(name="course")
    def course_fixture(self) -> Course:
        """The course, for its thresholds, data and backbone."""
        return cast(Course, Watched(self.course, self.listener.looked_at))

    @pytest.fixture
    def generator(self, request: pytest.FixtureRequest) -> torch.Generator:
        """A generator for this check, seeded alike for all students of one grading."""
        return torch.Generator().manual_seed(self._seed(self._check_of(request.node).id))

    def _seed(self, purpose: str) -> int:
        """A seed that depends on the grading's seed and a purpose, below 2**32 for NumPy."""
        digest = hashlib.sha256(f"{self.seed} {purpose}".encode()).digest()
        return int.from_bytes(digest[:4], "big")

    # ------------------------------------------------------------------------ running

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a check that depends on one that did not pass."""
        check = self._check_of(item)
        if check.exercise in self.unloadable:
            pytest.skip(f"{self.locate(check.exercise).name} could not be loaded.")
        for need in check.needs:
            found = self.verdicts.get(need)
            if found is not None and found.status is not Status.PASSED:
                pytest.skip(f"“{found.title}” must pass first.")
        for found in self.verdicts.values():
            same = found.id.startswith(f"{check.exercise}.{check.task}.")
            if same and found.status is Status.TIMEOUT:
                # Not "blocked", since a submission could then hide failing checks behind an endless
                # loop.
                because = f"“{found.title}” used up the time of this task."
                raise RunnerEnded(Status.TIMEOUT, because)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the outcome of a check into its verdict."""
        report = yield
        decides = call.when == "call" or (call.when == "setup" and call.excinfo is not None)
        if decides:
            check = self._check_of(item)
            for name, figure in report.user_properties:
                self.listener.measured(check.id, name, float(cast(float, figure)))
            verdict = replace(self._judge(check, call, report.capstdout), site=_site(item, call))
            self.verdicts[verdict.id] = verdict
            self.listener.judged(verdict)
        return report

    def _judge(self, check: Check, call: pytest.CallInfo[None], printed: str) -> Verdict:
        if call.excinfo is None:
            return check.verdict(Status.PASSED)
        error = call.excinfo.value
        if isinstance(error, pytest.skip.Exception):
            return check.verdict(Status.BLOCKED, Feedback(because=str(error.msg)).text())
        if isinstance(error, NeedsGpu):
            return check.verdict(Status.NEEDS_GPU, Feedback(because=str(error)).text())
        submission = self.submissions.get(check.side)
        if isinstance(error, RunnerEnded):
            self._close(check.side)
            if error.doubtful:
                self.listener.doubted(check)
            found = Feedback(because=error.because, example=_example(submission, check))
            return check.verdict(error.status, found.text())
        if isinstance(error, LearnerError) and call.when == "setup":
            self._cannot_load(check.exercise, _one_line(error))
        elif isinstance(error, KitError | UserError) or not (submission and submission.requests):
            return check.verdict(Status.GRADER_ERROR, Feedback(because=str(error)).text())
        source = self.locate(check.exercise)
        last_call = submission.last_call if submission else ""
        status, finding = judge_error(
            *(error, last_call, source, self.shown(source)),
            limits=self.course.exercise(check.exercise).limits,
        )
        if status is not Status.NOT_ATTEMPTED:
            finding = replace(finding, example=_example(submission, check))
            finding = replace(finding, next=f"grader hint {check.exercise} {check.task}")
        if check.hidden and call.when == "call":
            return check.verdict(status, finding.without_values().text())
        printed += submission.channel.printed if submission else ""
        return check.verdict(status, finding.text() + _printed(printed))

    def _cannot_load(self, number: str, problem: str) -> None:
        """Block all remaining checks, unless the file was loaded before: then each check fails."""
        if number not in self.loaded:
            self.unloadable.add(number)
            self.listener.unloadable(problem)

    def _close(self, side: str) -> None:
        submission = self.submissions.pop(side, None)
        if submission is not None:
            submission.channel.close()

    def pytest_sessionfinish(self) -> None:
        """End all runners."""
        for side in list(self.submissions):
            self._close(side)


def _site(item: pytest.Item, call: pytest.CallInfo[None]) -> str:
    """The line of the check's file at which it stopped; "" when it passed."""
    if call.excinfo is None:
        return ""
    lines = [entry.lineno + 1 for entry in call.excinfo.traceback if entry.path == item.path]
    return f"{item.path.name}:{lines[-1]}" if lines else ""


def _example(submission: Submission | None, check: Check) -> str:
    """The description of the example that failed, as far as the check may reveal it."""
    return told(submission.example, hidden=check.hidden) if submission else ""


def _one_line(error: LearnerError) -> str:
    line = f", line {error.lines[-1]['line']}" if error.lines else ""
    text = f"cannot be loaded{line}: {error.types[0]}: {error.message}"
    return text.splitlines()[0][:LONGEST_PROBLEM]


def _missing(source: Path) -> dict[str, Any]:
    message = f"{source} is missing: put the file back, or restore it with `grader reset`"
    return {"types": ["FileNotFoundError"], "message": message, "lines": [], "own": False}


def _printed(text: str, most: int = 10) -> str:
    """The last lines that the learner's code printed, in the form of a message."""
    lines = [line for line in text.rstrip().splitlines() if not LOGGED_BY_OPTUNA.match(line)]
    shown = [f"printed   {line[:200]}" for line in lines[-most:]]
    return "".join(f"\n{line}" for line in shown)
