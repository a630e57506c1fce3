"""The corpus of answers: solutions, stubs, mutants with one mistake each, correct variants.

A mutant or a variant contains only the functions that it changes; these definitions are appended to
the solution's text. Its docstring says what it does; a mutant's last line names the check that must
fail: `Fails: 03.swap_head.dropout`.
"""

import ast
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from grader.authoring.audit.answers import changed, named_check
from grader.course.scoring import Verdict
from grader.course.settings import Course, load_course
from grader.judge.run_checks import run_checks

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SEED = "the seed of the tests"


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise; for a mutant, with its mistake in words and the failing check."""

    number: str
    name: str
    text: str
    fails: str = ""
    mistake: str = ""

    def __str__(self) -> str:
        return f"{self.number}-{self.name}"


@cache
def course() -> Course:
    return load_course(ROOT / "course.yaml")


def solution(number: str) -> Answer:
    file_name = course().exercise(number).file_name
    return Answer(number, "solution", (ROOT / "solutions" / file_name).read_text("utf-8"))


def stub(number: str) -> Answer:
    path = ROOT / "exercises" / number / course().exercise(number).file_name
    return Answer(number, "stub", path.read_text("utf-8"))


def mutants() -> list[Answer]:
    return list(_changed("mutants"))


def sampled(answers: list[Answer], without: Collection[str]) -> list[object]:
    """One answer for each exercise, as test parameters; only the full audit grades all of them.

    Args:
        answers: the answers to choose from.
        without: exercises that take too long: their solution is enough.
    """
    chosen: dict[str, object] = {}
    for answer in sorted(answers, key=lambda a: hashlib.sha256(str(a).encode()).digest()):
        if answer.number not in without:
            chosen.setdefault(answer.number, pytest.param(answer, id=str(answer)))
    return list(chosen.values())


def variants() -> list[Answer]:
    return list(_changed("variants"))


def _changed(folder: str) -> Iterator[Answer]:
    for path in sorted((TESTS / folder).glob("*/*.py")):
        text = path.read_text("utf-8")
        fails = named_check(text) if folder == "mutants" else ""
        number = path.parent.name
        says = (ast.get_docstring(ast.parse(text)) or "").partition("\n\nFails:")[0]
        yield Answer(number, path.stem, changed(solution(number).text, text), fails, says)


def verdicts(answer: Answer, folder: Path) -> dict[str, Verdict]:
    """Run all checks, visible and hidden, on an answer in this process."""
    source = folder / course().exercise(answer.number).file_name
    source.write_text(answer.text, "utf-8")
    found = run_checks(course(), answer.number, source, seed=SEED)
    return {verdict.id: verdict for verdict in found}
