"""A child process may crash, hang and print anything: its parent learns how it ended."""

import json
import signal
from pathlib import Path

import pytest

from grader.common.child_process import Child

MODULE = "tests.support.child"
ORDER = {"course": "ä", "numbers": [1, None]}


def child(tmp_path: Path, behaviour: str) -> Child:
    return Child(MODULE, behaviour, folder=tmp_path, order=ORDER)


def test_it_gets_its_order_and_nothing_but_its_answers_comes_back(tmp_path: Path) -> None:
    with child(tmp_path, "answers") as started:
        assert started.receive(60) == {"order": ORDER}
        assert started.receive(60) == "the last"
        with pytest.raises(EOFError):
            started.receive(60)
        assert started.exit_code() == 0


def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    with child(tmp_path, "sleeps") as started:
        started.receive(60)
        with pytest.raises(TimeoutError):
            started.receive(0.2)
    assert started.exit_code() == -signal.SIGKILL


def test_one_that_crashes_is_recognised_by_its_exit_code(tmp_path: Path) -> None:
    with child(tmp_path, "crashes") as started:
        started.receive(60)
        with pytest.raises(EOFError):
            started.receive(60)
        assert started.exit_code() == -signal.SIGABRT


def test_a_line_that_is_cut_off_is_no_answer(tmp_path: Path) -> None:
    with child(tmp_path, "breaks off") as started:
        started.receive(60)
        with pytest.raises(EOFError):
            started.receive(60)


def test_one_that_cannot_start_has_ended(tmp_path: Path) -> None:
    with Child("tests.support.no_such_module", folder=tmp_path, order="x" * 1_000_000) as started:
        with pytest.raises(EOFError):
            started.receive(60)
        assert started.exit_code() == 1


def test_a_file_in_its_folder_shadows_no_module(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')", "utf-8")
    with child(tmp_path, "imports") as started:
        started.receive(60)
        assert started.receive(60) == json.__file__
