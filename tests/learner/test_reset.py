"""`grader reset 03`: the stub is back byte for byte, and nothing that was written is lost."""

import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.common.errors import UserError
from grader.course.settings import Course, load_course
from grader.course.stub_text import PRISTINE, stub_text
from grader.learner.kept_results import source_file
from grader.learner.reset import reset
from tests.support.corpus import ROOT

NOON = datetime(2026, 11, 24, 12, 0, 0)
WORK = "my = 'work'  # ä\r\n".encode()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A learner's bundle: no solutions, a pristine copy of the stub."""
    shutil.copy(ROOT / "course.yaml", tmp_path)
    stub = stub_text(load_course(ROOT / "course.yaml"), "03").encode()
    for folder in ("exercises/03", f"exercises/{PRISTINE}/03"):
        path = tmp_path / folder / "head.py"
        path.parent.mkdir(parents=True)
        path.write_bytes(stub)
    return load_course(tmp_path / "course.yaml")


def backups(course: Course) -> dict[str, bytes]:
    folder = course.root / "exercises" / "03"
    return {path.name: path.read_bytes() for path in folder.glob("*.bak")}


def test_a_bundle_restores_its_own_copy_byte_for_byte_and_keeps_the_work(course: Course) -> None:
    path = source_file(course, "03")
    stub = path.read_bytes()
    path.write_bytes(WORK)
    lines = list(reset(course, "03", NOON))
    assert path.read_bytes() == stub
    assert backups(course) == {"head.py.2026-11-24-120000.bak": WORK}
    assert lines[0].startswith("Kept:     exercises/03/head.py.2026-11-24-120000.bak")
    assert lines[1].startswith("Restored: exercises/03/head.py")


def test_an_earlier_backup_of_the_same_second_stays(course: Course) -> None:
    path = source_file(course, "03")
    for work in (b"first", b"second", b"third"):
        path.write_bytes(work)
        list(reset(course, "03", NOON))
    assert sorted(backups(course).values()) == [b"first", b"second", b"third"]
    assert len(backups(course)) == 3


def test_an_untouched_file_needs_no_backup(course: Course) -> None:
    [line] = reset(course, "03", NOON)
    assert "nothing to do" in line
    assert not backups(course)


def test_a_missing_file_is_put_back(course: Course) -> None:
    path = source_file(course, "03")
    stub = path.read_bytes()
    path.unlink()
    [line] = reset(course, "03", NOON)
    assert line.startswith("Restored")
    assert path.read_bytes() == stub


def test_where_the_solutions_are_the_stub_is_made_of_them(course: Course) -> None:
    shutil.rmtree(course.root / "exercises" / PRISTINE)
    shutil.copytree(ROOT / "solutions", course.root / "solutions")
    path = source_file(course, "03")
    path.write_bytes(WORK)
    list(reset(course, "03", NOON))
    assert path.read_bytes() == (ROOT / "exercises" / "03" / "head.py").read_bytes()


def test_without_a_stub_nothing_is_touched_and_the_way_out_is_said(course: Course) -> None:
    shutil.rmtree(course.root / "exercises" / PRISTINE)
    source_file(course, "03").write_bytes(WORK)
    with pytest.raises(UserError, match="unpack the course again"):
        list(reset(course, "03", NOON))
    assert source_file(course, "03").read_bytes() == WORK
    assert not backups(course)


def test_where_the_backup_cannot_be_written_the_work_stays(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_file(course, "03").write_bytes(WORK)
    opened = Path.open

    def refuse(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "xb":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match=r"head\.py is unchanged"):
        list(reset(course, "03", NOON))
    monkeypatch.undo()
    assert source_file(course, "03").read_bytes() == WORK


def test_the_command_says_what_it_did(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source_file(course, "03").write_bytes(WORK)
    monkeypatch.setattr(sys, "argv", ["grader", "reset", "03", "--course", str(course.root)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "Restored: exercises/03/head.py" in capsys.readouterr().out
    [kept] = backups(course).values()
    assert kept == WORK


def test_an_unknown_exercise_is_one_line(course: Course) -> None:
    with pytest.raises(UserError, match="there is no exercise '3'"):
        list(reset(course, "3", NOON))
