"""Verdicts depend on the whole kit: a change in any room makes earlier ones invalid."""

import shutil
from pathlib import Path

import pytest

from grader.common import fingerprint
from tests.support.corpus import ROOT

ROOMS = sorted(path.parent.name for path in (ROOT / "grader").glob("*/__init__.py"))


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the kit in the place of the real one."""
    copy = tmp_path / "grader"
    shutil.copytree(ROOT / "grader", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "KIT", copy)
    monkeypatch.setattr(fingerprint, "HIDDEN_CHECKS", copy / "checks")
    return copy


def digest() -> str:
    fingerprint._digest_of_kit.cache_clear()
    found = fingerprint._digest_of_kit()
    fingerprint._digest_of_kit.cache_clear()
    return found


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def test_a_change_in_any_room_changes_the_fingerprint(kit: Path) -> None:
    seen = {digest()}
    for room in ROOMS:
        change(next((kit / room).rglob("*.py")))
        seen.add(digest())
    assert len(seen) == len(ROOMS) + 1


def test_hidden_checks_are_counted_by_their_exercises_alone(kit: Path) -> None:
    before = digest()
    change(next((kit / "checks").glob("*.py")))
    assert digest() == before
