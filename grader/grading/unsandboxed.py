"""Grades without a sandbox, in a child process that is restarted if a check ends it."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from grader.common.child_process import Child
from grader.common.errors import KitError
from grader.course.scoring import Judgement, Status, Verdict
from grader.course.settings import FILE_NAME, WALL_FACTOR, Course
from grader.judge.gpu_slots import GpuSlots
from grader.judge.markers import Check

WORKER: Final = "grader.grading.unsandboxed_worker"
START_SECONDS: Final = 120
SIGXCPU: Final = 24


def judge_unconfined(
    course: Course, number: str, content: bytes, *, seed: str, gpu: GpuSlots
) -> Judgement:
    """Grade a file against all checks of an exercise, without a sandbox.

    The checks and the submission share a process, so use it only for code that you trust. If the
    process crashes during a check, or is stopped in an endless loop, that becomes the check's
    verdict, and a fresh process continues with the remaining checks.

    Args:
        course: the course.
        number: the exercise's number.
        content: the content of the learner's file.
        seed: the seed of this grading.
        gpu: the GPU slots.

    Raises:
        KitError: when the checks themselves cannot be run.
    """
    known: dict[str, Verdict] = {}
    settings: set[str] = set()
    with TemporaryDirectory(prefix="grader-") as folder:
        source = Path(folder) / course.exercise(number).file_name
        source.write_bytes(content)
        while True:
            process = _UnsandboxedRun(course, number, source, seed, known, settings, gpu)
            if process.run():
                verdicts = [known[id_] for id_ in process.checks]
                return Judgement(verdicts, process.problem, tuple(sorted(settings)))


class _UnsandboxedRun:
    """One run of `unsandboxed_worker`; adds its findings to `known` and `settings`."""

    def __init__(
        self,
        course: Course,
        number: str,
        source: Path,
        seed: str,
        known: dict[str, Verdict],
        settings: set[str],
        gpu: GpuSlots,
    ) -> None:
        self.budget = course.exercise(number).limits.cpu_seconds
        self.known = known
        self.checks: dict[str, Check] = {}
        self.running = ""
        self.problem = ""
        self.settings = settings
        self.folder = source.parent
        self.job = {
            "course": str(course.root / FILE_NAME),
            "exercise": number,
            "source": source.name,
            "seed": seed,
            "gpu": {"folder": str(gpu.folder), "count": gpu.count},
            "known": [asdict(verdict) for verdict in known.values()],
        }

    def run(self) -> bool:
        """Run the worker, and return whether it finished.

        If it did not finish, the check that ended it gets a verdict.
        """
        with Child(WORKER, folder=self.folder, order=self.job) as child:
            try:
                while "end" not in (event := child.receive(self._patience())):
                    self._take(event)
            except TimeoutError:
                self._stopped(Status.TIMEOUT)
            except EOFError:
                timeout = child.exit_code() == -SIGXCPU
                self._stopped(Status.TIMEOUT if timeout else Status.CRASHED)
            else:
                return True
        return False

    def _patience(self) -> int:
        """How many seconds to wait for the next event."""
        return WALL_FACTOR * self.budget if self.running else START_SECONDS

    def _take(self, event: dict[str, Any]) -> None:
        [(kind, content)] = event.items()
        match kind:
            case "checks":
                self.checks = {c["id"]: Check(**{**c, "needs": tuple(c["needs"])}) for c in content}
            case "unloadable":
                self.problem = content
            case "setting":
                self.settings.add(content)
            case "start":
                self.running = content
            case "verdict":
                verdict = Verdict(**{**content, "status": Status(content["status"])})
                self.known[verdict.id] = verdict

    def _stopped(self, status: Status) -> None:
        if not self.running or self.running in self.known:
            raise KitError("the grading process ended before it ran a check")
        because = {
            Status.TIMEOUT: f"The code ran longer than the {self.budget} CPU seconds that a check "
            "may take: is there a loop that never ends?",
            Status.CRASHED: "The code ended the whole process: an exit, a signal or a crash.",
        }[status]
        check = self.checks[self.running]
        self.known[check.id] = check.verdict(status, f"because   {because}")
