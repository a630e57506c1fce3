"""Right verdicts: stubs, solutions, mutants and variants get what they deserve."""

import ast
from pathlib import Path

import pytest

from grader.verdicts import Status, score_exercise
from tests.corpus import Answer, course, mutants, sampled, solution, stub, variants, verdicts

NUMBERS = list(course().exercises)


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
    "body", ["raise ValueError", "return None", "return next(iter(locals().values()))"]
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


@pytest.mark.parametrize("variant", sampled(variants()))
def test_every_check_passes_on_a_correct_variant(variant: Answer, tmp_path: Path) -> None:
    found = verdicts(variant, tmp_path)
    assert _statuses(found) == {Status.PASSED}, _open(found)


@pytest.mark.parametrize("mutant", sampled(mutants()))
def test_a_mutant_fails_the_check_that_names_its_mistake(mutant: Answer, tmp_path: Path) -> None:
    found = verdicts(mutant, tmp_path)
    assert mutant.fails in found, f"there is no check {mutant.fails!r}"
    assert found[mutant.fails].status is Status.FAILED, _open(found)
    assert "because" in found[mutant.fails].message
    elsewhere = {v.id for v in found.values() if v.status is Status.FAILED}
    task = mutant.fails.rpartition(".")[0]
    assert all(id_.startswith(f"{task}.") for id_ in elsewhere), _open(found)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_exercise_has_mutants_and_variants(number: str) -> None:
    assert sum(mutant.number == number for mutant in mutants()) >= 3
    assert sum(variant.number == number for variant in variants()) >= 2


def _statuses(found: dict) -> set[Status]:
    """How checks ended, except those that wait for a GPU."""
    return {verdict.status for verdict in found.values()} - {Status.NEEDS_GPU}


def _open(found: dict) -> str:
    rows = [f"{v.id}: {v.status}\n{v.message}" for v in found.values() if v.status != "passed"]
    return "\n".join(rows)
