"""Stubs are generated from the solutions, and nobody's work is overwritten unasked."""

import shutil
from pathlib import Path

import pytest

from grader.authoring.write_stubs import write_stubs
from grader.course.settings import Course, load_course
from grader.course.stub_text import stub_text
from tests.support.corpus import ROOT, course


@pytest.mark.parametrize("number", course().exercises)
def test_the_stub_has_not_drifted_from_the_solution(number: str) -> None:
    path = ROOT / "exercises" / number / course().exercise(number).file_name
    assert path.read_text("utf-8") == stub_text(course(), number), "run `make stubs`"


@pytest.mark.parametrize("number", course().exercises)
def test_every_task_of_the_stub_names_itself(number: str) -> None:
    text = stub_text(course(), number)
    for task in course().exercise(number).tasks:
        assert f"def {task}(" in text
        assert f'"Task {course().task_number(number, task)}: ' in text


@pytest.fixture
def copied(tmp_path: Path) -> Course:
    for name in ("solutions", "exercises"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "course.yaml", tmp_path)
    return load_course(tmp_path / "course.yaml")


def test_an_edited_file_is_kept_unless_its_owner_says_otherwise(copied: Course) -> None:
    edited = copied.root / "exercises" / "03" / "head.py"
    edited.write_text("my = 'work'\n")
    done = dict(write_stubs(copied, replace=lambda path: False))
    assert done.pop(edited) == "kept"
    assert set(done.values()) == {"unchanged"}
    assert edited.read_text() == "my = 'work'\n"


def test_a_replaced_file_is_kept_as_a_backup(copied: Course) -> None:
    edited = copied.root / "exercises" / "03" / "head.py"
    edited.write_text("my = 'work'\n")
    done = dict(write_stubs(copied, replace=lambda path: path == edited))
    assert done[edited] == "replaced"
    assert edited.read_text("utf-8") == stub_text(copied, "03")
    assert edited.with_suffix(".py.bak").read_text() == "my = 'work'\n"


def test_a_missing_file_is_written(copied: Course) -> None:
    missing = copied.root / "exercises" / "02" / "freeze.py"
    missing.unlink()
    assert dict(write_stubs(copied, replace=lambda path: False))[missing] == "written"
    assert missing.read_text("utf-8") == stub_text(copied, "02")
