"""The difference between two source files, function by function, with the reference's reasons.

Comments and docstrings are removed from both sides first, so they do not count as differences. The
reference's comments say why a step is there; they are shown with its code.
"""

import ast
import difflib
import io
import tokenize
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.text import Text

from grader.common.terminal import printable

STYLES: Final = {"+": "green", "-": "red", "#": "cyan", "@": "bold"}
NO_REASONS: Final = ("type:", "noqa", "mypy:")  # how comments for tools begin
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Line:
    """A line of code, with the comments above it or at its end (its reasons)."""

    code: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A function, class or constant of a module."""

    name: str
    lines: tuple[Line, ...]

    @property
    def code(self) -> list[str]:
        """The lines without their reasons."""
        return [line.code for line in self.lines]

    @property
    def explained(self) -> bool:
        """Whether any of its lines has a reason."""
        return any(line.reasons for line in self.lines)


def difference(
    yours: Path, reference: Path, shown: Mapping[Path, object], tasks: Collection[str]
) -> Iterator[Text]:
    """A unified diff from the learner's file to the reference's, each function in full.

    Args:
        yours: the learner's file.
        reference: the reference's file.
        shown: for each of the two, the name to show.
        tasks: the functions of the exercise, whose docstrings learners know already.
    """
    texts = [path.read_text(encoding="utf-8") for path in (yours, reference)]
    mine, theirs = (definitions(text, tasks) for text in texts)
    yield _styled(f"--- yours: {shown[yours]}", "-")
    yield _styled(f"+++ the reference: {shown[reference]}", "+")
    yield _styled("# why the reference does so", "#")
    for name, definition in theirs.items():
        own = mine.get(name)
        if own and own.code == definition.code and not definition.explained:
            if name in tasks:
                yield Text("")
                yield _styled(f"@@ {name} @@ the same", "@")
            continue
        yield Text("")
        yield _styled(f"@@ {name} @@", "@")
        yield from _compared(own.code if own else [], definition)
    extra = [name for name in mine if name not in theirs]
    if extra:
        yield Text("")
        yield Text(f"Only in yours: {', '.join(map(printable, extra))}")


def _compared(yours: list[str], reference: Definition) -> Iterator[Text]:
    """The lines of both as a diff, with the reasons before the reference's lines."""
    reasons = iter([line.reasons for line in reference.lines])
    for line in difflib.ndiff(yours, reference.code):
        sign, code = line[0], line[2:]
        if sign == "?":
            continue
        if sign in "+ ":
            indent = " " * (len(code) - len(code.lstrip()))
            yield from (_styled(f"# {indent}{reason}", "#") for reason in next(reasons))
        yield _styled(f"{sign} {code}", sign)


def _styled(text: str, sign: str) -> Text:
    return Text(printable(text), style=STYLES.get(sign, ""))


def definitions(source: str, tasks: Collection[str] = ()) -> dict[str, Definition]:
    """The functions, classes and constants of a module by name, without their docstrings.

    Args:
        source: the module's text.
        tasks: the functions whose docstrings are dropped. A helper's docstring counts as a reason.
    """
    tree = ast.parse(source)
    documented = [node for node in ast.walk(tree) if isinstance(node, Named)]
    dropped = {row for node in documented for row in _docstring(node)}
    summaries = {
        node.lineno: docstring.split("\n\n")[0].replace("\n", " ")
        for node in documented
        if node.name not in tasks and (docstring := ast.get_docstring(node))
    }
    comments, text = _comments(source), source.splitlines()
    found = {}
    for before, node in zip([None, *tree.body], tree.body, strict=False):
        name = _name(node)
        if name:
            start = before.end_lineno + 1 if before and before.end_lineno else 1
            rows = range(start, (node.end_lineno or node.lineno) + 1)
            lines = _lines(text, [row for row in rows if row not in dropped], comments, summaries)
            found[name] = Definition(name, tuple(lines))
    return found


def _lines(
    text: list[str],
    rows: list[int],
    comments: dict[int, tuple[int, str]],
    summaries: Mapping[int, str],
) -> Iterator[Line]:
    """The lines of code in the given rows, each with the comments above it and at its end."""
    above: list[str] = []
    for row in rows:
        column, comment = comments.get(row, (None, ""))
        code = text[row - 1][:column].rstrip()
        if comment and not comment.startswith(NO_REASONS):
            above.append(comment)
        if row in summaries:
            above.append(summaries[row])
        if code:
            yield Line(code, tuple(above))
            above = []


def _comments(source: str) -> dict[int, tuple[int, str]]:
    """For each row with a comment: the column where it begins, and its text."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: (token.start[1], token.string.lstrip("# "))
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _docstring(node: Named) -> range:
    """The rows of a definition's docstring."""
    if ast.get_docstring(node) is None:
        return range(0)
    first = node.body[0]
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)


def _name(node: ast.stmt) -> str:
    """The name that a statement defines; "" for imports and the rest."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""
