"""Makes an exercise's folder `source/NN/` for nbgrader: the notebook and the files that it needs.

The notebook is made from the same files as the learner's folder. Beside it is a small course: a
`course.yaml` with only this exercise, and its visible checks in the usual place. nbgrader hands
these files out with the notebook, and autograding restores them.
"""

import ast
import re
from typing import Final

import nbformat
from nbformat import NotebookNode

from grader.authoring.release.exercise import Files, course_text, lesson_text, shared_files, stub
from grader.course.settings import FILE_NAME, Course
from grader.grading.handed_in.cells import (
    LESSON,
    VISIBLE,
    read_only_code,
    read_only_text,
    solution_cell,
    test_cell,
)

KERNEL: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
# nbgrader replaces the marked lines by "YOUR CODE HERE" and a `raise`; without a marked region it
# would replace the whole cell. Inside a docstring they do no harm, and show what to look for.
HEADER: Final = '''"""{title}

The lesson is above this cell. Each function below ends in a line like

    ### BEGIN SOLUTION
    ### END SOLUTION

Replace it by your code, run this cell, then run the next one: it checks what you wrote.
"""'''
RUN_IT: Final = """\
## Run it

Run the cell with your functions, then the one below it, which shows how far you are. Before you
hand in, restart the kernel and run all cells, to see whether your code works from a fresh start.

Stuck? [hints.md](hints.md) has {tiers} for each task.
"""
CHECKS: Final = """\
# How far are you? Run this cell whenever you have run the one above.
from grader.jupyter import check

check("{number}")"""
GRADED_LATER: Final = """\
# Task {task_number}, `{task}`: {points}. The checks that decide are not in this cell; the
# verdicts appear here when your notebook is graded.
if __import__("os").environ.get("NBGRADER_EXECUTION", "validate") != "validate":
    raise RuntimeError("this notebook can only be graded with the kit's nbgrader_config.py")
print("Task {task_number} is graded after you have handed in.")"""


def assignment_files(course: Course, number: str) -> Files:
    """All files of an assignment: path in `source/NN/` → content.

    Args:
        course: the course, with the folder `solutions` beside its `course.yaml`.
        number: the exercise's number.
    """
    folder = f"exercises/{number}"
    shared = shared_files(course, number)
    notebook = nbformat.writes(make_notebook(course, number, list(shared)))
    return {
        f"{course.exercise(number).module}.ipynb": f"{notebook}\n".encode(),
        FILE_NAME: course_text(course, [number]).encode(),
        **{f"{folder}/{name}": content for name, content in shared.items()},
    }


def make_notebook(course: Course, number: str, beside: list[str]) -> NotebookNode:
    """Make the notebook of an exercise, without solutions and hidden checks.

    Args:
        course: the course.
        number: the exercise's number.
        beside: the names of the files in the exercise's folder, to which the lesson may link.
    """
    exercise = course.exercise(number)
    cells = [
        read_only_text(_lesson(course, number, beside), LESSON),
        solution_cell(_stub(course, number)),
        read_only_code(CHECKS.format(number=number), VISIBLE),
    ]
    for task, points in exercise.tasks.items():
        text = GRADED_LATER.format(
            task_number=course.task_number(number, task),
            task=task,
            points=f"{points} point{'s' if points > 1 else ''}",
        )
        cells.append(test_cell(text, task, points))
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _lesson(course: Course, number: str, beside: list[str]) -> str:
    """The lesson, reworded to refer to cells instead of files."""
    file_name = course.exercise(number).file_name
    text = lesson_text(course, number).replace(
        f"in [`{file_name}`]({file_name})", "in the next cell"
    )
    sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    run_it = RUN_IT.format(tiers=course.release.in_words) + "\n"
    text = "".join(run_it if part.startswith("## Run it\n") else part for part in sections)
    for name in beside:
        text = text.replace(f"]({name})", f"](exercises/{number}/{name})")
    return text.rstrip("\n")


def _stub(course: Course, number: str) -> str:
    """The stub, with a docstring that refers to cells instead of files."""
    text = stub(course, number)
    docstring = ast.parse(text).body[0]
    title = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]
    rest = text.splitlines()[docstring.end_lineno :]
    return "\n".join([HEADER.format(title=title), *rest])
