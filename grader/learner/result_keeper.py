"""A pytest plugin that caches the results of the visible checks, however they are run."""

from typing import Final

import pytest

from grader.judge.pytest_plugin import CheckRun
from grader.learner.kept_results import Kept, fingerprint, keep

TEST: Final = "test_"


class ResultKeeper:
    """Caches the results of one pytest session.

    Args:
        run: the session's checks.

    Attributes:
        found: number of the exercise → results; filled when the session ends.
    """

    def __init__(self, run: CheckRun) -> None:
        self.run = run
        self.checks: dict[str, tuple[str, ...]] = {}
        self.before: dict[str, str] = {}
        self.found: dict[str, Kept] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Take the fingerprint of everything that matters before any check runs."""
        for item in items:
            number = item.path.parent.name
            if number not in self.before:
                self.before[number] = fingerprint(self.run.course, number)
                self.checks[number] = all_checks(item)

    def pytest_sessionfinish(self) -> None:
        """Cache the results, also those of a session that was interrupted."""
        for number, checks in self.checks.items():
            mine = [self.run.verdicts[id_] for id_ in checks if id_ in self.run.verdicts]
            if mine:
                found = Kept(fingerprint=self.before[number], checks=checks, verdicts=tuple(mine))
                self.found[number] = found
                keep(self.run.course, number, found)


def all_checks(item: pytest.Item) -> tuple[str, ...]:
    """The ids of all checks in the same file as a given one, even if they are not selected."""
    if not isinstance(item, pytest.Function):
        return ()
    marks = [
        mark
        for name, function in vars(item.module).items()
        if name.startswith(TEST)
        for mark in getattr(function, "pytestmark", [])
        if mark.name == "check"
    ]
    number = item.path.parent.name
    return tuple(f"{number}.{mark.kwargs['id']}" for mark in marks)
