"""The same verdicts in the sandbox and in this process.

Mutants and variants are graded in the sandbox by the whole audit, which compares the verdicts
with those that they got without one (`tests/authoring/test_audit.py`, `tests/golden`).
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.grading.sandboxed import judge
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.layers import Mode, find_mode
from tests.support.corpus import SEED, Answer, course, solution, stub, verdicts

pytestmark = pytest.mark.skipif(
    not find_mode().safe, reason="this system offers no isolation (see `grader doctor`)"
)
QUICK = ("04",)  # test_grade_class.py has 03 in the sandbox
NUMBERS = [
    pytest.param(number, marks=[] if number in QUICK else pytest.mark.proof)
    for number in course().exercises
]


@pytest.fixture(scope="module")
def sandbox(warm_sandbox: Callable[[Mode], Sandbox]) -> Sandbox:
    return warm_sandbox(find_mode())


def compare(answer: Answer, sandbox: Sandbox, folder: Path) -> None:
    here = verdicts(answer, folder)
    judgement = judge(course(), answer.number, answer.text.encode(), seed=SEED, sandbox=sandbox)
    there = {verdict.id: verdict for verdict in judgement.verdicts}
    statuses = {id_: verdict.status for id_, verdict in here.items()}
    assert {id_: verdict.status for id_, verdict in there.items()} == statuses
    for id_, verdict in here.items():
        if verdict.hidden:
            assert _reason(there[id_].message) == _reason(verdict.message), id_


def _reason(message: str) -> str:
    return "\n".join(row for row in message.splitlines() if row.startswith("because"))


@pytest.mark.parametrize("number", NUMBERS)
def test_solutions(number: str, sandbox: Sandbox, tmp_path: Path) -> None:
    compare(solution(number), sandbox, tmp_path)


@pytest.mark.parametrize("number", NUMBERS)
def test_stubs(number: str, sandbox: Sandbox, tmp_path: Path) -> None:
    compare(stub(number), sandbox, tmp_path)
