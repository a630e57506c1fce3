"""Runs the visible checks of some exercises, and prints one line of JSON for each.

    python -m grader.learner.rerun_worker FOLDER 00 03

A process of its own (see `rerun.py`): it brings torch along, and the learner's code.
"""

import os
import sys
from pathlib import Path
from typing import Final

from grader.course.settings import load_course
from grader.judge.run_checks import run_quietly
from grader.learner.kept_results import Kept, fingerprint
from grader.learner.pytest_summary import learner_run
from grader.learner.result_keeper import ResultKeeper

BROKEN: Final = "the checks themselves cannot be run: `pytest exercises/{number}` says why"


def main() -> None:
    """Run the checks; nothing but the results reaches the parent."""
    root = Path(sys.argv[1])
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        print("ready", file=answers, flush=True)
        for number in sys.argv[2:]:
            print(_run(root, number).model_dump_json(), file=answers, flush=True)


def _run(root: Path, number: str) -> Kept:
    course = load_course(root / "course.yaml")
    before = fingerprint(course, number)
    run = learner_run(root / "exercises")
    recorder = ResultKeeper(run)
    run_quietly(root, [course.visible_checks(number)], [run, recorder])
    problem = BROKEN.format(number=number)
    return recorder.found.get(number) or Kept(
        fingerprint=before, checks=(), verdicts=(), problem=problem
    )


if __name__ == "__main__":
    main()
