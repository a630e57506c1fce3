"""Cuts functions out of the solutions, with everything that they need."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grader.common.errors import UserError

# Each exercise is self-contained, so some solutions have a private copy of another one's function.
TAUGHT: Final = {"_set_train_mode": "set_train_mode", "_measure": "evaluate"}
LINE_LENGTH: Final = 100
_SECTION: Final = re.compile(r"\s*(Args|Attributes|Returns|Yields|Raises):\s*$")
_FOR_TOOLS: Final = re.compile(r"  # (type: ignore|noqa)\b.*$", re.MULTILINE)

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign


@dataclass
class Answers:
    """Collects what a notebook shows of the solutions, cell by cell.

    Attributes:
        folder: the folder of the solutions.
        shown: name → text of each definition that an earlier cell shows.
        imports: the import statements that all these definitions need.
    """

    folder: Path
    shown: dict[str, str] = field(default_factory=dict)
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)

    def cut(self, module: str, names: Sequence[str]) -> list[str]:
        """Cut out definitions and everything that they need, unless it was shown already.

        Args:
            module: the name of a solution's module, such as "head".
            names: the names that the cell imports.

        Returns:
            The texts of the definitions, in the module's order.

        Raises:
            UserError: when the module or a name does not exist, or a name was shown with another
                definition.
        """
        path = self.folder / f"{module}.py"
        try:
            source = path.read_text(encoding="utf-8")
        except OSError:
            raise UserError(f"there is no solution {path}") from None
        tree = ast.parse(source)
        known = {_name(node): node for node in tree.body if isinstance(node, Definition)}
        if unknown := [name for name in names if name not in known]:
            raise UserError(f"{path} has no {unknown[0]!r}: it has {', '.join(known)}")
        needed = self._needed(known, names)
        texts = []
        for name, node in known.items():
            if name in needed and self._is_new(name, text := self._text(source, node)):
                texts.append(text)
                self.imports += _imports(tree, _uses(node))
        return texts

    def _needed(self, known: dict[str, Definition], names: Iterable[str]) -> set[str]:
        """The names and everything that they use, except private copies of shown functions."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in known and name not in found and self._stand_in(name) is None:
                found.add(name)
                waiting += _uses(known[name])
        return found

    def _stand_in(self, name: str) -> str | None:
        """The function, already shown in the notebook, of which `name` is a private copy."""
        public = TAUGHT.get(name)
        return public if public in self.shown else None

    def _is_new(self, name: str, text: str) -> bool:
        """Whether a name has not been shown yet; records it as shown."""
        before = self.shown.setdefault(name, text)
        if before != text:
            raise UserError(f"two solutions define {name!r} differently: rename it in one of them")
        return before is text

    def _text(self, source: str, node: Definition) -> str:
        """The text of a definition, as the notebook shows it."""
        first = node.lineno
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
            first = node.decorator_list[0].lineno
        lines = source.splitlines()[first - 1 : node.end_lineno]
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            lines = _shortened(lines, node, first)
        text = _FOR_TOOLS.sub("", "\n".join(lines))
        for private in TAUGHT:
            if public := self._stand_in(private):
                text = re.sub(rf"\b{private}\b", public, text)
        return text


def _name(node: Definition) -> str:
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else node.name


def _uses(node: ast.AST) -> set[str]:
    """The names that a definition uses."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _shortened(lines: list[str], node: ast.FunctionDef | ast.ClassDef, first: int) -> list[str]:
    """A definition without the sections of its docstring (the types say most of that)."""
    docstring = node.body[0]
    assert docstring.end_lineno is not None
    start, end = docstring.lineno - first, docstring.end_lineno - first + 1
    text = lines[start:end]
    cut = next((i for i, line in enumerate(text) if _SECTION.match(line)), None)
    if cut is None:
        return lines
    kept = text[:cut]
    while not kept[-1].strip():
        kept.pop()
    quotes = '"""'
    closed = [kept[0] + quotes] if len(kept) == 1 else [*kept, " " * docstring.col_offset + quotes]
    return [*lines[:start], *closed, *lines[end:]]


def _imports(tree: ast.Module, used: set[str]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements of a module, with only the names that are used."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in used]
            if names:
                yield ast.Import(names=names)
        elif isinstance(node, ast.ImportFrom):
            names = [a for a in node.names if (a.asname or a.name) in used]
            if names:
                yield ast.ImportFrom(module=node.module, names=names, level=0)


def merged(statements: Iterable[ast.Import | ast.ImportFrom]) -> str:
    """Merge import statements in ruff's order: each module once, the standard library first."""
    plain: set[str] = set()
    members: dict[str, set[str]] = {}
    for node in statements:
        if isinstance(node, ast.Import):
            plain |= {ast.unparse(alias) for alias in node.names}
        else:
            members.setdefault(node.module or "", set()).update(map(ast.unparse, node.names))
    groups = []
    for standard in (True, False):
        lines = [f"import {m}" for m in sorted(plain, key=str.lower) if _is_standard(m) is standard]
        lines += [
            _from(m, members[m])
            for m in sorted(members, key=str.lower)
            if _is_standard(m) is standard
        ]
        groups.append("\n".join(lines))
    return "\n\n".join(group for group in groups if group)


def _is_standard(module: str) -> bool:
    return module.split()[0].partition(".")[0] in sys.stdlib_module_names


def _from(module: str, names: Iterable[str]) -> str:
    """One `from … import …`, with its names in the order: constants, classes, functions."""
    ordered = sorted(
        names, key=lambda n: (0 if n.isupper() and len(n) > 1 else 1 + n[0].islower(), n)
    )
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= LINE_LENGTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"
