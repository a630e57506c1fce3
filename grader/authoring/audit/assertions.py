"""Finds the places where the checks of an exercise can fail: their assertions.

An assertion is a call of `expect` or of `submission.raises`, or a `raise Mismatch`. An assertion in
a function that several checks call counts once.
"""

import ast
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from grader.course.settings import Course


@dataclass(frozen=True)
class Assertion:
    """One place where a check can fail.

    Attributes:
        file: the name of the check's file.
        first: the assertion's first line.
        last: the assertion's last line.
        function: the name of the function that contains it.
    """

    file: str
    first: int
    last: int
    function: str

    def at_one_of(self, sites: Set[str]) -> bool:
        """Whether this assertion is at one of the given sites, such as "test_03_head.py:154"."""
        return any(f"{self.file}:{line}" in sites for line in range(self.first, self.last + 1))

    def __str__(self) -> str:
        return f"{self.file}:{self.first} in {self.function}"


def find_assertions(course: Course, number: str) -> list[Assertion]:
    """Find the assertions in an exercise's visible and hidden checks, except GPU checks."""
    files = (course.visible_checks(number), course.hidden_checks(number))
    found = [assertion for path in files for assertion in _in_file(path)]
    return sorted(found, key=lambda one: (one.file, one.first))


def _in_file(path: Path) -> Iterator[Assertion]:
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and not _needs_gpu(function):
            for node in ast.walk(function):
                if _asserts(node):
                    first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
                    yield Assertion(path.name, first, last, function.name)


def _needs_gpu(function: ast.FunctionDef) -> bool:
    marks = [node for node in function.decorator_list if isinstance(node, ast.Call)]
    return any(keyword.arg == "gpu" for mark in marks for keyword in mark.keywords)


def _asserts(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="expect") | ast.Attribute(attr="raises")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="Mismatch"))):
            return True
    return False
