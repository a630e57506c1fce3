"""The seed of a grading: unforeseeable without the secret, reproducible with it."""

import shutil
import stat
from pathlib import Path

import pytest

from grader.common.errors import UserError
from grader.course.settings import Course, load_course
from grader.grading.seeds import grading_seed, new_secret
from tests.support.corpus import ROOT


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copy(ROOT / "course.yaml", tmp_path)
    return load_course(tmp_path / "course.yaml")


def folder(course: Course, name: str) -> Path:
    path = course.root / name
    path.mkdir()
    return path


def test_an_output_folder_keeps_its_seed_and_another_draws_anew(course: Course) -> None:
    first, second = folder(course, "first"), folder(course, "second")
    seed = grading_seed(course, first)
    assert grading_seed(course, first) == seed
    assert grading_seed(course, second) != seed


def test_the_secret_decides_and_only_its_owner_can_read_it(course: Course) -> None:
    out = folder(course, "out")
    without = grading_seed(course, out)
    path = new_secret(course)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with_secret = grading_seed(course, out)
    assert with_secret != without
    path.unlink()
    new_secret(course)
    assert grading_seed(course, out) != with_secret


def test_git_does_not_track_the_secret() -> None:
    assert "/.grader-secret" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_secret_is_never_overwritten(course: Course) -> None:
    path = new_secret(course)
    before = path.read_text()
    with pytest.raises(UserError, match="earlier gradings need it"):
        new_secret(course)
    assert path.read_text() == before


def test_damaged_files_are_one_line(course: Course) -> None:
    out = folder(course, "out")
    grading_seed(course, out)
    (out / "grading.json").write_text("{")
    with pytest.raises(UserError, match=r"grading\.json is damaged"):
        grading_seed(course, out)
    (out / "grading.json").unlink()
    (course.root / ".grader-secret").write_text("not hexadecimal")
    with pytest.raises(UserError, match="cannot be used"):
        grading_seed(course, out)
