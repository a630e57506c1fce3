"""Every clause has a check, and every check a clause."""

import re

import pytest

from tests.contract import CONTRACT
from tests.support.corpus import course

MARK = re.compile(r'@check\(\s*"([a-z_]+)\.([a-z_0-9]+)"')


def checks(number: str) -> set[tuple[str, str]]:
    """Task and name of every check of an exercise, visible and hidden."""
    files = (course().visible_checks(number), course().hidden_checks(number))
    return {found for file in files for found in MARK.findall(file.read_text("utf-8"))}


def test_the_contract_covers_every_function_of_the_course() -> None:
    functions = {n: list(exercise.tasks) for n, exercise in course().exercises.items()}
    assert {number: list(tasks) for number, tasks in CONTRACT.items()} == functions


@pytest.mark.parametrize("number", CONTRACT)
def test_every_clause_has_a_check(number: str) -> None:
    known = checks(number)
    for task, clauses in CONTRACT[number].items():
        for clause, names in clauses.items():
            assert names, f"{number} {task}: {clause!r} has no check"
            missing = [name for name in names if (task, name) not in known]
            assert not missing, f"{number} {task}: {clause!r} names {missing}"


@pytest.mark.parametrize("number", CONTRACT)
def test_every_check_holds_to_a_clause(number: str) -> None:
    named = {
        (task, name)
        for task, clauses in CONTRACT[number].items()
        for names in clauses.values()
        for name in names
    }
    assert checks(number) - named == set()
