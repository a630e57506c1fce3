"""`grader grade` on notebooks: beside Python files, instead of them, and in its messages."""

import json
import os
from pathlib import Path

import pytest

from grader.common.errors import UserError
from grader.course.scoring import Judgement, Status, Verdict
from grader.grading.handed_in.cells import LARGEST_CODE
from grader.grading.handed_in.read import HandedIn, read_submission
from tests.support.corpus import ROOT, course, solution, stub
from tests.support.notebooks import notebook
from tests.support.warm_python import run_module

MISTAKE = "\n\ndef mlp_head(in_features, hidden, num_classes=10, dropout=0.5):\n    return boom\n"


def read(folder: Path) -> HandedIn:
    return read_submission(course(), "03", folder)


def test_a_notebook_counts_instead_of_a_python_file(tmp_path: Path) -> None:
    (tmp_path / "head.ipynb").write_text(notebook("03", "x = 1"))
    found = read(tmp_path)
    assert found.file_name == "head.ipynb"
    assert b"\nx = 1\n" in found.content


@pytest.mark.parametrize(
    ("of_notebook", "of_module", "chosen"),
    [
        (notebook("03", "answer = 1"), "module = 1", "head.ipynb"),
        (notebook("03", "answer = 1"), stub("03").text, "head.ipynb"),
        (notebook("03", stub("03").text), "module = 1", "head.py"),
        ("{", "module = 1", "head.py"),
        ("", "", "head.py"),
    ],
)
def test_of_notebook_and_file_the_edited_one_counts(
    tmp_path: Path, of_notebook: str, of_module: str, chosen: str
) -> None:
    (tmp_path / "head.ipynb").write_text(of_notebook)
    (tmp_path / "head.py").write_text(of_module)
    found = read(tmp_path)
    assert found.file_name == chosen
    assert "graded" in found.notes[-1]


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"head.py is missing; found instead: nothing \(head.ipynb"):
        read(tmp_path)
    path = tmp_path / "head.ipynb"
    path.write_text(notebook("03", "#" * (LARGEST_CODE + 1)))
    with pytest.raises(UserError, match=r"head.ipynb holds more than 1024 KiB of code"):
        read(tmp_path)
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UserError, match=r"head.ipynb is larger than"):
        read(tmp_path)
    path.unlink()
    path.symlink_to(ROOT / "README.md")
    with pytest.raises(UserError, match=r"head.ipynb is a link"):
        read(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match=r"head.ipynb is a folder: a notebook"):
        read(tmp_path)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(UserError, match=r"head.ipynb is not a file"):
        read(tmp_path)


def test_messages_about_a_notebook_name_its_cells(tmp_path: Path) -> None:
    (tmp_path / "head.ipynb").write_text(notebook("03", "a = 1\nb = 2"))
    verdict = Verdict(
        "03.find_head.x", "T.", Status.FAILED, "where     head.py:3  b = 2", 1.0, True
    )
    told = read(tmp_path).in_its_words(
        Judgement([verdict], "cannot be loaded, line 2: SystemExit"), "head.py"
    )
    assert told.verdicts[0].message == "where     solution cell, line 2  b = 2"
    assert told.problem == "cannot be loaded, solution cell, line 1: SystemExit"


@pytest.mark.proof
def test_notebooks_are_graded_as_python_files_are(tmp_path: Path) -> None:
    for student, name, text in (
        ("anna", "head.ipynb", notebook("03", solution("03").text, "find_head(1)\n!ls")),
        ("ben", "head.ipynb", notebook("03", solution("03").text + MISTAKE)),
        ("cleo", "head.py", solution("03").text + MISTAKE),
        ("dan", "head.ipynb", notebook("03", "def find_head(m:\n")),
    ):
        path = tmp_path / "submitted" / student / "03" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    arguments = (tmp_path / "submitted", "--no-sandbox", "--out", tmp_path / "out", "--jobs", "2")
    environment = {**os.environ, "NO_COLOR": "1"}
    run = run_module("grader", "grade", *arguments, cwd=ROOT, env=environment)
    assert run.returncode == 0, run.stderr
    content = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    anna, ben, cleo, dan = content["submissions"]
    assert (anna["score"], anna["notes"]) == (10, ["cell 3, line 2: `!ls` is left out"])
    assert 0 < ben["score"] == cleo["score"] < 10
    assert dan["score"] == 0
    assert [check["status"] for check in ben["checks"]] == [c["status"] for c in cleo["checks"]]
    told = "\n".join(check["message"] for check in ben["checks"] + dan["checks"])
    assert "head.py" not in told
    assert "where     solution cell, line " in told
    assert "Python cannot read the file" in told
