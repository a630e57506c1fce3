"""`python -m tests.grade_in_mode COURSE SUBMITTED OUT`: grades with the fallback layers alone.

The command line always takes the strongest layers that the system has; this takes namespaces and
the other user away, as a container without rights has it.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader.classroom import find_submissions, grade_class
from grader.course import find_course
from grader.judge import judge
from grader.report import prepare_folder, write_results
from grader.sandbox.client import Sandbox
from grader.sandbox.layers import find_mode


def main(course_folder: Path, submitted: Path, out: Path) -> None:
    course = find_course(course_folder)
    submissions, _ = find_submissions(course, submitted)
    prepare_folder(out)
    with Sandbox(replace(find_mode(), namespaces=False, user=None)) as sandbox:
        confined = partial(judge, course, seed="fallback", sandbox=sandbox)
        results = grade_class(course, submissions, judge=confined, on_result=lambda result: None)
    write_results(course, results, out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
