"""`grader grade` and `grader demo` as an instructor runs them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.corpus import ROOT, solution, stub
from tests.support.warm_python import run_module

MISTAKE = """

def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return nn.Sequential(nn.Linear(in_features, num_classes), nn.Softmax(dim=1))
"""


def grader(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
    return run_module("grader", *arguments, cwd=ROOT, env=environment)


def hand_in(submitted: Path, student: str, content: str | bytes, exercise: str = "03") -> None:
    path = submitted / student / exercise / "head.py"
    path.parent.mkdir(parents=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def results(out: Path) -> dict[str, dict]:
    content = json.loads((out / "results.json").read_text("utf-8"))
    assert content["schema"] == 1
    assert content["course"] == "Transfer learning in PyTorch"
    return {s["student"]: s for s in content["submissions"]}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    """A class with good work, mistakes and everything that can be wrong with a file."""
    folder = tmp_path_factory.mktemp("class")
    submitted = folder / "submitted"
    hand_in(submitted, "anna müller 🎓", solution("03").text)
    hand_in(submitted, "ben", solution("03").text + MISTAKE)
    hand_in(submitted, "cleo", stub("03").text)
    hand_in(submitted, "dan", "def find_head(model:\n")
    hand_in(submitted, "eve", b"name = '\xff\xfe'\n")
    (submitted / "finn" / "03" / "head.py").mkdir(parents=True)
    (submitted / "gil" / "03").mkdir(parents=True)
    (submitted / "gil" / "03" / "Head.py").write_text("x = 1\n")
    (submitted / "hana" / "3").mkdir(parents=True)
    hand_in(submitted, "iris", "import os\nos._exit(0)\n")
    before = {p: p.stat().st_mtime_ns for p in submitted.rglob("*")}
    run = grader("grade", submitted, "--out", folder / "out", "--jobs", "1")
    assert {p: p.stat().st_mtime_ns for p in submitted.rglob("*")} == before
    return folder / "out", run


def test_scores(graded: tuple[Path, subprocess.CompletedProcess]) -> None:
    found = results(graded[0])
    anna = found["anna müller 🎓"]
    assert (anna["score"], anna["max_score"], anna["status"]) == (10, 10, "graded")
    assert all(check["status"] == "passed" for check in anna["checks"])
    assert 8 <= found["ben"]["score"] < 10
    assert found["cleo"]["score"] == 0
    assert found["cleo"]["status"] == "not_attempted"


def test_results_are_sorted_and_hold_every_check(
    graded: tuple[Path, subprocess.CompletedProcess],
) -> None:
    content = json.loads((graded[0] / "results.json").read_text("utf-8"))
    students = [s["student"] for s in content["submissions"]]
    assert students == sorted(students)
    ids = [check["id"] for check in results(graded[0])["ben"]["checks"]]
    assert ids == sorted(ids)
    for submission in content["submissions"]:
        if submission["checks"]:
            assert [check["id"] for check in submission["checks"]] == ids
            total = sum(check["max_score"] for check in submission["checks"])
            assert total == pytest.approx(submission["max_score"])


def test_hidden_checks_tell_no_values(graded: tuple[Path, subprocess.CompletedProcess]) -> None:
    hidden = [c for c in results(graded[0])["ben"]["checks"] if c["hidden"] and c["message"]]
    assert hidden
    for check in hidden:
        told = {row.split()[0] for row in check["message"].splitlines()}
        assert told <= {"example", "because", "where", "next"}
        assert str(ROOT) not in check["message"]


@pytest.mark.parametrize(
    ("student", "line"),
    [
        ("dan", "dan/03: head.py cannot be loaded, line 1: SyntaxError: '(' was never closed"),
        ("eve", "eve/03: head.py cannot be loaded"),
        ("finn", "finn/03: head.py is a folder: a Python file of that name is expected"),
        ("gil", "gil/03: head.py is missing; found instead: Head.py"),
        ("hana", "hana/3: no such exercise; they are 00, 01"),
    ],
)
def test_a_bad_submission_is_one_line_and_costs_the_others_nothing(
    graded: tuple[Path, subprocess.CompletedProcess], student: str, line: str
) -> None:
    out, run = graded
    assert run.returncode == 2
    assert [row for row in run.stderr.splitlines() if row.startswith(f"grader: {line}")]
    assert "Traceback" not in run.stderr
    found = results(out)
    assert found.get(student, {"score": 0})["score"] == 0
    assert found["anna müller 🎓"]["score"] == 10


def test_a_file_that_ends_the_process_has_crashed(
    graded: tuple[Path, subprocess.CompletedProcess],
) -> None:
    iris = results(graded[0])["iris"]
    assert iris["score"] == 0
    assert "crashed" in {check["status"] for check in iris["checks"]}


@pytest.mark.proof
def test_only_some_exercises_and_students(tmp_path: Path) -> None:
    for student in ("anna", "ben"):
        hand_in(tmp_path / "in", student, stub("03").text)
        hand_in(tmp_path / "in", student, "x = 1", exercise="02")
    run = grader(
        *("grade", tmp_path / "in", "--out", tmp_path / "out"),
        *("--exercise", "03", "--student", "ben"),
    )
    content = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert [(s["student"], s["exercise"]) for s in content["submissions"]] == [("ben", "03")]
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--exercise", "42"], "there is no exercise '42'"),
        (["--student", "nobody"], "has no student 'nobody'"),
        (["--course", "/"], "no course.yaml in / or above it"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    hand_in(tmp_path / "in", "anna", "x = 1")
    run = grader("grade", tmp_path / "in", "--out", tmp_path / "out", *arguments)
    assert run.returncode == 2
    assert line in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out" / "results.json").exists()


def test_an_empty_or_missing_class_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, line in (("empty", "contains no submission"), ("nowhere", "is not a folder")):
        run = grader("grade", tmp_path / name, "--out", tmp_path / "out")
        assert run.returncode == 2
        assert line in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1


def test_a_course_without_its_exercises_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text((ROOT / "course.yaml").read_text("utf-8"), "utf-8")
    hand_in(tmp_path / "submitted", "anna", solution("03").text)
    run = grader("grade", tmp_path / "submitted", "--course", tmp_path, "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "test_head.py is missing" in run.stderr
    assert "Traceback" not in run.stderr


def test_an_unwritable_output_folder_is_one_line_before_anything_is_graded(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "anna", solution("03").text)
    (tmp_path / "file").write_text("")
    run = grader("grade", tmp_path / "in", "--out", tmp_path / "file" / "out")
    assert run.returncode == 2
    assert "cannot be written to" in run.stderr
    assert "anna" not in run.stdout


@pytest.mark.proof
def test_the_demo_grades_a_class_of_everybody(tmp_path: Path) -> None:
    run = grader("demo")
    assert run.returncode == 0, run.stderr
    [written] = [line for line in run.stdout.splitlines() if line.startswith("Written: ")]
    path = Path(written.removeprefix("Written: "))
    found = {name.partition(",")[0]: s for name, s in results(path.parent).items()}
    assert found["ada"]["score"] == 10
    assert found["ben"]["score"] == 3
    assert found["cleo"]["status"] == "not_attempted"
    for name in ("dan", "eve", "finn", "gil", "hana"):
        assert 0 < found[name]["score"] < 10
    statuses = {name: {c["status"] for c in found[name]["checks"]} for name in ("gil", "hana")}
    assert "crashed" in statuses["gil"]
    assert "timeout" in statuses["hana"]
    assert "SyntaxError" in found["iris"]["problem"]
