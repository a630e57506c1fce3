"""Runs the visible checks of some exercises, and reports the results of each.

    python -m grader.learner.rerun_worker FOLDER 00 03

It is a separate process (see `rerun.py`), because it imports torch and the learner's code.
"""

import sys
from pathlib import Path
from typing import Final

from grader.common.child_process import answering
from grader.course.settings import load_course
from grader.judge.run_checks import run_quietly
from grader.learner.kept_results import Kept, fingerprint
from grader.learner.pytest_summary import learner_run
from grader.learner.result_keeper import ResultKeeper

BROKEN: Final = "the checks themselves cannot be run: `pytest exercises/{number}` says why"


def main() -> None:
    """Run the checks; only the results reach the parent."""
    root = Path(sys.argv[1])
    with answering() as answer:
        answer("ready")
        for number in sys.argv[2:]:
            answer(_run(root, number).model_dump(mode="json"))


def _run(root: Path, number: str) -> Kept:
    course = load_course(root / "course.yaml")
    before = fingerprint(course, number)
    run = learner_run(root / "exercises")
    keeper = ResultKeeper(run)
    run_quietly(root, [course.visible_checks(number)], [run, keeper])
    problem = BROKEN.format(number=number)
    return keeper.found.get(number) or Kept(
        fingerprint=before, checks=(), verdicts=(), problem=problem
    )


if __name__ == "__main__":
    main()
