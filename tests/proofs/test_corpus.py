"""Stubs, solutions, mutants and variants get the right verdicts."""

import ast
import re
from pathlib import Path

import pytest

from grader.course.scoring import Status, score_exercise
from tests import golden
from tests.support.corpus import (
    Answer,
    course,
    mutants,
    sampled,
    solution,
    stub,
    variants,
    verdicts,
)

NUMBERS = list(course().exercises)
TRAIN = ("04", "06", "07", "08")  # exercises whose checks train networks


@pytest.mark.parametrize("number", NUMBERS)
def test_every_check_fails_on_the_stub_for_the_right_reason(number: str, tmp_path: Path) -> None:
    found = verdicts(stub(number), tmp_path)
    assert found
    statuses = {v.status for v in found.values()}
    assert statuses <= {Status.NOT_ATTEMPTED, Status.BLOCKED}, found


@pytest.mark.parametrize("number", NUMBERS)
def test_every_check_passes_on_the_solution(number: str, tmp_path: Path) -> None:
    found = verdicts(solution(number), tmp_path)
    assert found
    assert _statuses(found) == {Status.PASSED}, _open(found)


@pytest.mark.parametrize(
    "body",
    [
        "return None",
        pytest.param("raise ValueError", marks=pytest.mark.proof),
        pytest.param("return next(iter(locals().values()))", marks=pytest.mark.proof),
    ],
)
@pytest.mark.parametrize("number", NUMBERS)
def test_functions_that_do_nothing_earn_nothing(number: str, body: str, tmp_path: Path) -> None:
    tree = ast.parse(stub(number).text)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.body = ast.parse(f"def f():\n    {body}").body[0].body
    found = verdicts(Answer(number, "lazy", ast.unparse(tree)), tmp_path)
    scored = score_exercise(course().exercise(number).tasks, list(found.values()))
    assert {verdict.id: score.score for verdict, score in scored if score.score} == {}


@pytest.mark.parametrize("variant", sampled(variants(), without=TRAIN))
def test_every_check_passes_on_a_correct_variant(variant: Answer, tmp_path: Path) -> None:
    found = verdicts(variant, tmp_path)
    assert _statuses(found) == {Status.PASSED}, _open(found)


@pytest.mark.parametrize("mutant", sampled(mutants(), without=["08"]))
def test_a_mutant_fails_the_check_that_names_its_mistake(mutant: Answer, tmp_path: Path) -> None:
    found = verdicts(mutant, tmp_path)
    assert mutant.fails in found, f"there is no check {mutant.fails!r}"
    assert found[mutant.fails].status is Status.FAILED, _open(found)
    task = found[mutant.fails].task
    assert {v.task for v in found.values() if v.status is Status.FAILED} == {task}, _open(found)
    lost = golden.points_lost(mutant, found)
    assert {name for name, points in lost.items() if points} == {task}
    anew = f"`python -m tests.golden {mutant}` writes this anew: read what changed"
    assert golden.entry(mutant, found) == golden.read(mutant.number).get(mutant.name), anew


@pytest.mark.parametrize("number", NUMBERS)
def test_golden_entries_are_those_of_the_mutants(number: str) -> None:
    entries = golden.read(number)
    assert list(entries) == [mutant.name for mutant in mutants() if mutant.number == number]
    for name, entry in entries.items():
        assert re.search(r"^          because   \S", entry, re.MULTILINE), name
        assert re.search(r"^          where     \w+\.py:\d+", entry, re.MULTILINE), name
        assert re.search(rf"^          next      grader hint {number} \w+$", entry, re.MULTILINE)
        if "a visible check" in entry:
            rows = re.findall(r"^          (call|returned|expected) ", entry, re.MULTILINE)
            assert rows[0] == "call", name
            assert "returned" in rows, name


def test_no_golden_entry_shows_frames_or_addresses() -> None:
    for number in NUMBERS:
        text = "".join(golden.read(number).values())
        assert not re.search(r"Traceback|site-packages|0x[0-9a-f]{6}|/tmp/|/home/", text)


def test_the_table_of_points_is_that_of_the_entries() -> None:
    assert golden.TABLE.read_text("utf-8") == golden.table(NUMBERS)
    for number in NUMBERS:
        for name, entry in golden.read(number).items():
            assert golden.LOSS.search(entry), f"{number}: {name} costs another task"


@pytest.mark.parametrize("number", NUMBERS)
def test_every_exercise_has_enough_mutants_and_variants(number: str) -> None:
    least = (6, 4) if number == "08" else (15, 8)
    assert sum(mutant.number == number for mutant in mutants()) >= least[0]
    assert sum(variant.number == number for variant in variants()) >= least[1]


def _statuses(found: dict) -> set[Status]:
    """How checks ended, except those that wait for a GPU."""
    return {verdict.status for verdict in found.values()} - {Status.NEEDS_GPU}


def _open(found: dict) -> str:
    rows = [f"{v.id}: {v.status}\n{v.message}" for v in found.values() if v.status != "passed"]
    return "\n".join(rows)
