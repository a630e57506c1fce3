"""The part of the `grader` package that learners get: what their commands import, and no more.

A list of what to leave out would forget the next file that holds an answer. So it is the other way
round: from the modules that learners start, along all imports, wherever they stand.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import grader
from grader.authoring.release.exercise import Files
from grader.common.errors import UserError

PACKAGE: Final = Path(grader.__file__).parent
LEARNERS: Final = (
    "grader.__main__",
    "grader.cli.kit",
    "grader.cli.learner",
    "grader.check",
    "grader.jupyter",
    "grader.learner.pytest_summary",
    "grader.protocol.recipes",
)
WEIGHTS: Final = ".safetensors"
_BY_NAME: Final = re.compile(r"(?:module://)?(grader(?:\.\w+)+)")
_ONE_OF: Final = re.compile(r"(grader(?:\.\w+)*)\.")  # f"grader.learner.compare.scenes.{name}"


def package_files(beside: Files) -> Files:
    """The modules that learners need, and the weights that lie beside them, by path.

    Args:
        beside: what they get besides; its Python files may import more modules.
    """
    started = [
        name for path, text in beside.items() if path.endswith(".py") for name in _imports(text)
    ]
    names = needed_modules((*LEARNERS, *started))
    modules = {path for name in names for path in [_file_of(name)] if path}
    weights = {file for path in modules for file in path.parent.glob(f"*{WEIGHTS}")}
    return {
        f"grader/{path.relative_to(PACKAGE).as_posix()}": _read(path)
        for path in sorted(modules | weights)
    }


def needed_modules(start: Iterable[str]) -> set[str]:
    """The modules of this package that some modules need, themselves included."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name not in found and path is not None:
            found.add(name)
            parent = name.rpartition(".")[0]
            waiting += [*_imports(_read(path)), *([parent] if parent else [])]
    return found


def _imports(content: bytes) -> Iterator[str]:
    """What a module imports, or names in a string, to import it or to start it by that name."""
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant):
            by_name = _BY_NAME.fullmatch(str(node.value))
            yield by_name[1] if by_name else ""
        elif isinstance(node, ast.JoinedStr):
            first = ast.unparse(node).partition("{")[0]
            one_of = _ONE_OF.fullmatch(first.lstrip("f'\""))
            yield from _modules_in(one_of[1]) if one_of else ()


def _modules_in(package: str) -> Iterator[str]:
    """All modules of a package."""
    file = _file_of(package)
    for path in file.parent.glob("[!_]*.py") if file else ():
        yield f"{package}.{path.stem}"


def _file_of(name: str) -> Path | None:
    """The file of a module of this package; None for others."""
    first, *rest = name.split(".")
    if first != PACKAGE.name:
        return None
    path = PACKAGE.joinpath(*rest)
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be released: {error.strerror}") from None
