"""On a system without isolation a class is not graded, unless the instructor insists."""

import json
import sys
from pathlib import Path

import pytest

from grader.cli import grading, main
from grader.sandbox.layers import Mode, find_layers, find_mode
from tests.support.corpus import ROOT, solution

NOTHING = Mode(namespaces=False, user=None, landlock=False, seccomp=False)


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "anna" / "02" / "freeze.py"
    path.parent.mkdir(parents=True)
    path.write_text(solution("02").text, "utf-8")
    return tmp_path / "in"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run the command line in this process, on a system that offers no isolation."""
    monkeypatch.setattr(grading, "find_mode", lambda: NOTHING)
    monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments), "--course", str(ROOT)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_grade_refuses_and_says_the_way_out(
    submitted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = submitted.parent / "out"
    assert run(monkeypatch, "grade", submitted, "--out", out) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "no isolation" in line
    assert "--no-sandbox" in line
    assert not (out / "results.json").exists()


def test_no_sandbox_grades_with_a_warning(
    submitted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = submitted.parent / "out"
    assert run(monkeypatch, "grade", submitted, "--out", out, "--no-sandbox") == 0
    assert "with your permissions" in capsys.readouterr().err
    [anna] = json.loads((out / "results.json").read_text("utf-8"))["submissions"]
    assert anna["score"] == anna["max_score"]


def test_every_layer_that_is_missing_says_why_and_what_it_would_stop() -> None:
    for mode in (NOTHING, find_mode()):
        for layer in find_layers(mode):
            assert layer.stops
            assert layer.active != bool(layer.why), layer


def test_a_system_other_than_linux_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    find_mode.cache_clear()
    try:
        assert not find_mode().safe
        [layer] = find_layers(find_mode())
        assert "needs Linux" in layer.why
    finally:
        monkeypatch.undo()
        find_mode.cache_clear()
