"""Are grades steady? Grades every answer whose grade is known, with many secret seeds.

The solution and every correct variant must pass every check each time. Every mutant must fail the
check that it names each time; only that check and those on which it depends are run. The answers
run in ordinary processes, without a sandbox.

    python benchmarks/steadiness.py [--exercises 00 03] [--seeds N] [--kinds solution variant]
                                    [--jobs 2] [--results build/steadiness.jsonl]

Each run is appended to the results file as soon as it is done, so an interrupted benchmark can be
resumed. A line is valid as long as the answer, the exercise's checks and the code that draws their
inputs are the same. The thresholds of checks that train come from the margins in the last table. A
check that tries several learning rates stops at the first one that suffices, so right answers could
do even better.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

os.environ["OMP_NUM_THREADS"] = "1"  # as in the sandbox; the processes started here inherit it

from grader.authoring.audit.answers import Answer, Kind, find_answers
from grader.course.scoring import Status
from grader.course.settings import Course, find_course
from grader.judge.listener import Listener
from grader.judge.markers import Check
from grader.judge.run_checks import run_checks

ROOT: Final = Path(__file__).resolve().parent.parent
KINDS: Final = (Kind.SOLUTION, Kind.VARIANT, Kind.MUTANT)
SEEDS: Final = 20
FEWER: Final = {"04": 10, "06": 10, "07": 10, "08": 5}  # fewer seeds where checks train
DRAWN_FROM: Final = (
    *("judge/strategies", "protocol/networks", "protocol/recipes", "protocol/optuna_trials"),
    *("protocol/pretended_device", "materials/images", "materials/exam"),
)
FIGURE: Final = "accuracy"  # what checks that train record, and the threshold
WANTED: Final = "wanted"


@dataclass(frozen=True)
class Run:
    """An answer that was graded once.

    Attributes:
        exercise: the exercise's number.
        kind: the kind of answer.
        name: the answer's file, relative to the course's folder.
        seed: the seed of the grading.
        of: a digest of the answer and its checks.
        wrong: the checks with a wrong verdict, and their status.
        figures: the figures that checks recorded, by check and name.
    """

    exercise: str
    kind: str
    name: str
    seed: int
    of: str
    wrong: dict[str, str]
    figures: dict[str, dict[str, float]]

    @property
    def key(self) -> tuple[str, int, str]:
        """The key that identifies the run."""
        return self.name, self.seed, self.of


def main() -> None:
    """Do the missing runs, then print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--exercises", nargs="+", default=[])
    parser.add_argument("--seeds", type=int, help="for each exercise (20; 10 or 5 where it trains)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("build/steadiness.jsonl"))
    options = parser.parse_args()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    found = find_answers(the_course(), options.exercises, sample=None, seed="")
    wanted = {
        (str(answer.path), seed, digest(answer)): (answer, seed)
        for answer in found
        if answer.kind in options.kinds
        for seed in range(options.seeds or FEWER.get(answer.exercise, SEEDS))
    }
    known = {run.key: run for run in read(options.results) if run.key in wanted}
    left = [task for key, task in wanted.items() if key not in known]
    for run in grade(left, options.jobs, options.results):
        known[run.key] = run
    runs = sorted(known.values(), key=lambda run: (run.exercise, run.kind, run.name, run.seed))
    for line in report(runs, {str(answer.path): answer for answer in found}):
        print(line)
    sys.exit(any(run.wrong for run in runs))


@cache
def the_course() -> Course:
    """The course of this repository."""
    return find_course(ROOT)


def digest(answer: Answer) -> str:
    """A digest of everything on which a verdict depends, except the seed."""
    of = hashlib.sha256(answer.text.encode())
    for content in _checks_of(answer.exercise):
        of.update(content)
    return of.hexdigest()[:16]


@cache
def _checks_of(number: str) -> list[bytes]:
    course = the_course()
    files = [course.visible_checks(number), course.hidden_checks(number)]
    files += [ROOT / "grader" / f"{name}.py" for name in DRAWN_FROM] + [ROOT / "course.yaml"]
    return [file.read_bytes() for file in files]


def read(path: Path) -> Iterator[Run]:
    """Read the runs in a results file; a line that was cut off is skipped."""
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        try:
            yield Run(**json.loads(line))
        except (TypeError, ValueError):
            print(f"{path}: skipped a line that is not a run", file=sys.stderr)


def grade(tasks: list[tuple[Answer, int]], jobs: int, results: Path) -> Iterator[Run]:
    """Grade answers in worker processes, and save each run as it comes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool, results.open("a") as file:
        futures = [pool.submit(one_run, *task) for task in tasks]
        for number, future in enumerate(as_completed(futures), start=1):
            run = future.result()
            print(json.dumps(asdict(run)), file=file, flush=True)
            yield run
            if number % 50 == 0:
                print(f"{number} of {len(tasks)}", file=sys.stderr, flush=True)


class _Notes(Listener):
    """Collects the checks and the figures that they record."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.figures: dict[str, dict[str, float]] = {}

    def collected(self, checks: list[Check]) -> None:
        """Record the checks."""
        self.checks = checks

    def measured(self, check_id: str, name: str, figure: float) -> None:
        """Record the figure."""
        self.figures.setdefault(check_id, {})[name] = figure


def one_run(answer: Answer, seed: int) -> Run:
    """Grade an answer once."""
    course = the_course()
    listener = _Notes()
    checks = _collected(answer.exercise)
    needed = _needed(checks, answer.fails) if answer.fails else set(checks)
    with TemporaryDirectory() as folder:
        source = Path(folder, course.exercise(answer.exercise).file_name)
        source.write_text(answer.text, "utf-8")
        verdicts = run_checks(
            *(course, answer.exercise, source),
            seed=f"steadiness {seed}",
            known={i: c.verdict(Status.PASSED) for i, c in checks.items() if i not in needed},
            listener=listener,
        )
    statuses = {verdict.id: verdict.status for verdict in verdicts}
    if answer.fails:
        status = statuses.get(answer.fails, Status.GRADER_ERROR)
        fine = status in (Status.FAILED, Status.NEEDS_GPU)
        wrong = {} if fine else {answer.fails: str(status)}
    else:
        fine_ones = (Status.PASSED, Status.NEEDS_GPU)
        wrong = {id_: str(status) for id_, status in statuses.items() if status not in fine_ones}
    kind, name = str(answer.kind), str(answer.path)
    return Run(answer.exercise, kind, name, seed, digest(answer), wrong, listener.figures)


@cache
def _collected(number: str) -> dict[str, Check]:
    """All checks of an exercise, found by running them on its stub, which is fast."""
    course = the_course()
    listener = _Notes()
    stub = ROOT / "exercises" / number / course.exercise(number).file_name
    run_checks(course, number, stub, seed="", listener=listener)
    return {check.id: check for check in listener.checks}


def _needed(checks: dict[str, Check], id_: str) -> set[str]:
    """A check and all checks on which it depends."""
    if id_ not in checks:
        return {id_}
    return {id_}.union(*(_needed(checks, need) for need in checks[id_].needs))


def report(runs: list[Run], answers: dict[str, Answer]) -> Iterator[str]:
    """The report: verdicts by exercise, every wrong one, and the margins of checks that train."""
    yield "exercise   right x seeds   wrong verdicts   mutants x seeds   not caught"
    for number, group in groupby(runs, key=lambda run: run.exercise):
        right, mutants = _apart(group)
        yield f"{number:>8}{_size(right):>16}{_wrong(right):>17}{_size(mutants):>18}" + (
            f"{_wrong(mutants):>13}"
        )
    for run in runs:
        for check, status in run.wrong.items():
            yield f"  {run.name}, seed {run.seed}: {check} {status}"
    yield from margins(runs, answers)


def margins(runs: list[Run], answers: dict[str, Answer]) -> Iterator[str]:
    """How far right and wrong answers are from the threshold, for each check that trains."""
    checks = sorted({check for run in runs for check in run.figures})
    if checks:
        yield f"{'accuracy of new images':<36}   worst right   best wrong   asked for"
    for check in checks:
        found = [run for run in runs if FIGURE in run.figures.get(check, {})]
        right, mutants = _apart(found)
        wrong = [run for run in mutants if answers[run.name].fails == check]
        worst = min((run.figures[check][FIGURE] for run in right), default=None)
        best = max((run.figures[check][FIGURE] for run in wrong), default=None)
        wanted = {run.figures[check][WANTED] for run in found}
        yield f"{check:<36}{_shown(worst):>14}{_shown(best):>13}{max(wanted):>12g}"


def _apart(runs: Iterable[Run]) -> tuple[list[Run], list[Run]]:
    """Separate the runs of right answers from those of mutants."""
    runs = list(runs)
    mutants = [run for run in runs if run.kind == Kind.MUTANT]
    return [run for run in runs if run.kind != Kind.MUTANT], mutants


def _size(runs: list[Run]) -> str:
    return f"{len({run.name for run in runs})} x {len({run.seed for run in runs})}"


def _wrong(runs: list[Run]) -> int:
    return sum(bool(run.wrong) for run in runs)


def _shown(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f}"


if __name__ == "__main__":
    main()
