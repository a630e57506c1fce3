"""`nbgrader autograde` with the shipped configuration: whatever is handed in, the class is graded.

One class, one run of nbgrader's own command line. Every student hands in a right answer, and most
of them something that stops plain nbgrader, or that it gives undeserved points for.
"""

import copy
import json
from collections.abc import Callable

import pytest

from grader.grading.handed_in.cells import SOLUTION
from tests.support.corpus import solution, stub
from tests.support.nbgrader_course import NbgraderCourse, Notebook, cell_of, marks

TEST = "test_find_head"


def deleted(notebook: Notebook) -> None:
    notebook["cells"] = [cell_of(notebook, SOLUTION)]


def duplicated(notebook: Notebook) -> None:
    notebook["cells"] = [c for cell in notebook["cells"] for c in (cell, copy.deepcopy(cell))]


def reordered(notebook: Notebook) -> None:
    notebook["cells"].reverse()


def retyped(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["cell_type"] = "markdown" if cell["cell_type"] == "code" else "code"


def renamed(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"]["grade_id"] += "_of_mine"
        cell["id"] = cell["id"][::-1]


def flipped(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        found = cell["metadata"]["nbgrader"]
        for flag in ("grade", "locked", "solution", "task"):
            found[flag] = not found[flag]


def richer(notebook: Notebook) -> None:
    marks(notebook, TEST)["points"] = 1000
    marks(notebook, "test_swap_head").pop("points")
    marks(notebook, "test_mlp_head")["points"] = float("nan")


def other_schemas(notebook: Notebook) -> None:
    for version, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"]["schema_version"] = version


def no_marks(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def other_kernel(notebook: Notebook) -> None:
    notebook["metadata"] = {"kernelspec": {"name": "julia-1.9"}, "language_info": {"name": "julia"}}
    notebook["nbformat"], notebook["nbformat_minor"] = 3, 99


def noisy(notebook: Notebook) -> None:
    cell_of(notebook, SOLUTION)["source"] += "\nimport sys, warnings\nprint('!', file=sys.stderr)"
    stderr = {"output_type": "stream", "name": "stderr", "text": "noise"}
    cell_of(notebook, TEST)["outputs"] = [stderr]


RIGHT: dict[str, Callable[[Notebook], None]] = {
    change.__name__: change
    for change in (
        *(deleted, duplicated, reordered, retyped, renamed, flipped, richer, other_schemas),
        *(no_marks, other_kernel, noisy),
    )
}
TIMES: dict[str, str | bytes] = {
    "time without sense": "yesterday, I think",
    "time out of range": "0001-01-01T00:00:00+14:00",
    "time of bytes": b"\xff\xfe\x00",
    "time of novels": "2026 " * 10_000,
    "time to come": "9999-01-01 00:00:00 UTC",
}
BOASTS = ("nan", "inf", "1e309", "-1", "10", "text")
BROKEN = {
    "damaged": "{",
    "empty": "",
    "nested": "[" * 100_000,
    "no cells": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
    "no notebook": json.dumps(["cells"]),
}


def boast(notebook: Notebook, text: str) -> Notebook:
    """A notebook whose test cells claim points, as a student's kernel could have put them."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": text}
            cell["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}}]
            cell["outputs"][0]["execution_count"] = 1
    return notebook


QUICK = ("deleted", "retyped", "flipped", "time out of range", "boasts nan", "damaged")


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.proof)])
def graded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[NbgraderCourse, str]:
    """The course after autograding, and what was printed; the proof has the whole class."""
    course = NbgraderCourse(tmp_path_factory.mktemp("nbgrader"))
    course.release()
    right = solution("03").text
    notebooks: dict[str, Notebook | str] = {}
    for name, change in RIGHT.items():
        notebook = course.answered(right)
        change(notebook)
        notebooks[name] = notebook
    notebooks |= {name: course.answered(right) for name in TIMES}
    for text in BOASTS:
        notebooks[f"boasts {text}"] = boast(course.answered(stub("03").text), text)
    for name, notebook in (notebooks | BROKEN).items():
        if request.param or name in QUICK:
            course.hand_in(name, notebook, TIMES.get(name))
    (course.folder("python file") / "head.py").write_text(right)
    (course.folder("other name") / "my head.ipynb").write_text("{}")
    (course.folder("nothing"))
    (course.folder("both") / "head.py").write_text("mine = 1")
    course.hand_in("both", course.answered(right))
    before = {p: p.stat().st_mtime_ns for p in (course.root / "submitted").rglob("*")}
    printed = course.autograde()
    assert {p: p.stat().st_mtime_ns for p in (course.root / "submitted").rglob("*")} == before
    return course, printed


def test_a_right_answer_has_its_points_whatever_happened_to_the_notebook(
    graded: tuple[NbgraderCourse, str],
) -> None:
    course, _ = graded
    scores = course.scores()
    students = scores.keys() & {*RIGHT, *TIMES}
    assert len(students) >= 4
    for name in students:
        assert course.tests_of(name) == {
            "test_find_head": (3, None, False),
            "test_swap_head": (5, None, False),
            "test_mlp_head": (2, None, False),
        }, name


def test_an_untouched_notebook_has_no_points_whatever_its_outputs_say(
    graded: tuple[NbgraderCourse, str],
) -> None:
    course, _ = graded
    students = course.scores().keys() & {*BROKEN, *(f"boasts {text}" for text in BOASTS)}
    assert len(students) >= 2
    for student in students:
        assert list(course.tests_of(student).values()) == [(0, None, False)] * 3, student


def test_what_was_wrong_is_said_in_one_line(graded: tuple[NbgraderCourse, str]) -> None:
    course, printed = graded
    assert "Traceback" not in printed
    unusable = "/03: timestamp.txt contains no valid time"
    lines = {
        **{name: f"{name}{unusable}" for name in TIMES},
        "time to come": "time to come/03: timestamp.txt is in the future (9999-01-01)",
        "damaged": "damaged/03: 0 of 10 head.ipynb is damaged: it is not the JSON that Jupyter",
    }
    for student in lines.keys() & course.scores().keys():
        assert lines[student] in printed
    assert "other name/03: head.ipynb is missing, and is not graded" in printed
    assert (
        "python file/03/head.py is not a notebook: `grader collect` makes a notebook from it"
        in printed
    )


def test_every_autograded_notebook_is_whole(graded: tuple[NbgraderCourse, str]) -> None:
    course, _ = graded
    for student in course.scores():
        cells = course.autograded(student)["cells"]
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
        for task in ("find_head", "swap_head", "mlp_head"):
            assert names.count(f"test_{task}") == 1, student
            shown = cells[names.index(f"test_{task}")]
            assert "The checks that decide are not in this cell" in "".join(shown["source"])
            assert [output["output_type"] for output in shown["outputs"]] == ["execute_result"]


def test_a_submitted_file_stays_as_it_was(graded: tuple[NbgraderCourse, str]) -> None:
    course, _ = graded
    assert (course.root / "autograded" / "both" / "03" / "head.py").read_text() == "mine = 1"
    [output] = cell_of(course.autograded("both"), TEST)["outputs"]
    assert "the notebook is graded, not head.py" in "".join(output["data"]["text/html"])


@pytest.mark.parametrize(
    ("switch", "code"),
    [
        ("ShowVerdicts", 1),
        pytest.param("SaveVerdicts", 0, marks=pytest.mark.proof),
    ],
)
def test_without_the_verdicts_there_are_errors_and_no_marks(
    graded: tuple[NbgraderCourse, str], switch: str, code: int
) -> None:
    course, _ = graded
    student = f"without {switch}"
    course.hand_in(student, course.answered(solution("03").text))
    printed = course.autograde("--student", student, f"--{switch}.enabled=False", code=code)
    assert ("no verdict for the test cell 'test_find_head'" in printed) == bool(code)
    assert {auto for auto, _, _ in course.tests_of(student).values()} == {None}
    assert course.scores()[student] == 0
