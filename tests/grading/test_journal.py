"""The journal: valid verdicts are found again, outdated ones are not, and damage is noticed."""

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from grader.common import fingerprint
from grader.common.errors import UserError
from grader.course import settings
from grader.course.scoring import Judgement, Status, Verdict
from grader.course.settings import Course
from grader.grading import journal as module
from grader.grading.journal import Journal
from tests.support.corpus import ROOT, course

PASSED = Verdict("03.find_head.families", "A title.", Status.PASSED, "", 1.0, True)
JUDGEMENT = Judgement([PASSED], "", ("data", "thresholds"))
CONTENT = b"def find_head(model): ..."
WHO = ("anna \udcff", "03")


def opened(folder: Path, of: Course | None = None, seed: str = "s") -> Journal:
    return Journal(folder, of or course(), seed, sandboxed=True)


def kept(folder: Path, judgement: Judgement = JUDGEMENT) -> Path:
    with opened(folder) as journal:
        journal.put(*WHO, CONTENT, judgement)
    return folder / module.FILE_NAME


def found(folder: Path, of: Course | None = None, seed: str = "s") -> Judgement | None:
    with opened(folder, of, seed) as journal:
        assert journal.damaged is None
        return journal.get(*WHO, CONTENT)


def changed_course(**settings: object) -> Course:
    return course().model_copy(update=settings)


def test_a_stored_result_is_found_again(tmp_path: Path) -> None:
    kept(tmp_path)
    assert found(tmp_path) == JUDGEMENT


def test_another_submission_seed_or_way_of_running_is_graded_anew(tmp_path: Path) -> None:
    kept(tmp_path)
    assert found(tmp_path, seed="another") is None
    with opened(tmp_path) as journal:
        assert journal.get(*WHO, CONTENT + b" ") is None
        assert journal.get("ben", "02", CONTENT) is None
        assert journal.get("ben", "03", CONTENT) == JUDGEMENT, "the same content, the same verdict"
    with Journal(tmp_path, course(), "s", sandboxed=False) as journal:
        assert journal.get(*WHO, CONTENT) is None


def test_only_the_settings_that_checks_looked_at_count(tmp_path: Path) -> None:
    kept(tmp_path)
    backbone = course().backbone.model_copy(update={"name": "vgg11"})
    thresholds = course().thresholds.model_copy(update={"trained_accuracy": 0.9})
    assert found(tmp_path, changed_course(backbone=backbone)) == JUDGEMENT
    assert found(tmp_path, changed_course(title="Another")) == JUDGEMENT
    assert found(tmp_path, changed_course(thresholds=thresholds)) is None


def test_other_limits_of_the_exercise_count(tmp_path: Path) -> None:
    kept(tmp_path)
    for number, expected in (("02", JUDGEMENT), ("03", None)):
        exercise = course().exercise(number)
        limits = exercise.limits.model_copy(update={"cpu_seconds": 99})
        exercises = {**course().exercises, number: exercise.model_copy(update={"limits": limits})}
        assert found(tmp_path, changed_course(exercises=exercises)) == expected


@pytest.mark.parametrize(("number", "expected"), [("02", JUDGEMENT), ("03", None)])
def test_a_changed_check_counts_for_its_exercise(
    number: str, expected: Judgement | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path)
    checks = tmp_path / "checks"
    checks.mkdir()
    for path in (ROOT / "grader" / "checks").glob("*.py"):
        more = b"\n# changed" if path.name.startswith(f"test_{number}") else b""
        (checks / path.name).write_bytes(path.read_bytes() + more)
    monkeypatch.setattr(settings, "HIDDEN_CHECKS", checks)
    assert found(tmp_path) == expected


def test_another_version_of_the_kit_grades_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path)
    monkeypatch.setattr(fingerprint, "_digest_of_kit", lambda: "another")
    assert found(tmp_path) is None


@pytest.mark.parametrize("status", [Status.GRADER_ERROR, Status.NEEDS_GPU])
def test_what_is_pending_is_not_kept(status: Status, tmp_path: Path) -> None:
    kept(tmp_path, Judgement([PASSED, replace(PASSED, id="03.find_head.b", status=status)]))
    assert found(tmp_path) is None


def test_the_journal_holds_the_hash_of_what_was_read(tmp_path: Path) -> None:
    path = kept(tmp_path)
    rows = sqlite3.connect(path).execute("SELECT student, exercise, submission FROM submissions")
    [(student, exercise, submission)] = rows
    assert (student, exercise) == (b"anna \xff", "03")
    assert submission == fingerprint.digest(CONTENT)


def test_two_gradings_at_once(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(UserError, match="another grading writes to"):
        opened(tmp_path)
    assert found(tmp_path) is None, "the first one has ended"


def overwritten(path: Path, position: int) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        file.write(b"\xff" * 64)


def cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def another_verdict(path: Path) -> None:
    text = path.read_bytes()
    assert b'"status": "passed"' in text
    path.write_bytes(text.replace(b'"status": "passed"', b'"status": "failed"'))


DAMAGES = {
    "header": lambda path: overwritten(path, 0),
    "cut short": cut_short,
    "no database": lambda path: path.write_text("notes"),
    "another verdict": another_verdict,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_is_set_aside(damage: str, tmp_path: Path) -> None:
    path = kept(tmp_path)
    DAMAGES[damage](path)
    before = path.read_bytes()
    for expected in (tmp_path / "journal.damaged-1", None):
        with opened(tmp_path) as journal:
            assert journal.damaged == expected
            if expected:
                assert journal.get(*WHO, CONTENT) is None
                journal.put(*WHO, CONTENT, JUDGEMENT)
            assert journal.get(*WHO, CONTENT) == JUDGEMENT
    assert (tmp_path / "journal.damaged-1").read_bytes() == before


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_gives_a_verdict_that_was_not_written(seed: int, tmp_path: Path) -> None:
    contents = [f"submission {number}".encode() for number in range(30)]
    with opened(tmp_path) as journal:
        for content in contents:
            journal.put(*WHO, content, JUDGEMENT)
    path = tmp_path / module.FILE_NAME
    overwritten(path, random.Random(seed).randrange(path.stat().st_size - 64))
    with opened(tmp_path) as journal:
        judgements = [journal.get(*WHO, content) for content in contents]
        assert all(judgement in (JUDGEMENT, None) for judgement in judgements)
        assert journal.damaged or all(judgements)
