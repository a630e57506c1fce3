"""Grades with only the fallback layers of isolation.

    python -m tests.support.grade_in_mode COURSE SUBMITTED OUT

The command line always uses the strongest layers that the system has. This script does without
namespaces and without the separate user, as in an unprivileged container.
"""

import sys
from dataclasses import replace
from pathlib import Path

from grader.course.settings import find_course
from grader.grading.classroom import find_submissions
from grader.grading.grade_class import GradingOptions, cores, grade_class
from grader.sandbox.layers import find_mode


def main(course_folder: Path, submitted: Path, out: Path) -> None:
    course = find_course(course_folder)
    submissions, _ = find_submissions(course, submitted)
    mode = replace(find_mode(), namespaces=False, user=None)
    options = GradingOptions(out, mode, cores(), seed="fallback")
    grade_class(course, submissions, options, on_result=print, on_damage=print)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
