"""Generates stubs from the solutions: signatures and docstrings are kept, bodies replaced."""

import ast
from collections.abc import Iterator
from typing import Final

from grader.course.settings import Course

PRISTINE: Final = ".stubs"  # below `exercises`: NN/<module>.py as released to learners
LINE_LENGTH: Final = 100
HEADER: Final = '''"""{title}

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/{number}`.
"""
'''


def stub_text(course: Course, number: str) -> str:
    """The stub of an exercise: the initial content of `exercises/NN/<module>.py`.

    Args:
        course: the course; its `solutions` folder is beside its `course.yaml`.
        number: the exercise's number.
    """
    exercise = course.exercise(number)
    source = (course.root / "solutions" / exercise.file_name).read_text(encoding="utf-8")
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    tasks = [functions[name] for name in exercise.tasks]
    used = {name.id for task in tasks for name in _signature_names(task)}
    aliases = [node for node in tree.body if _is_alias(node) and _target(node) in used]
    used |= {n.id for node in aliases for n in ast.walk(node) if isinstance(n, ast.Name)}
    title = (ast.get_docstring(tree) or "").splitlines()[0]
    parts = [HEADER.format(title=title, number=number)]
    parts += [_imports(tree, used)]
    parts += ["\n".join(f"{_segment(source, node)}\n" for node in aliases)]
    parts += [f"\n{_stub(source, node, course.task_number(number, node.name))}" for node in tasks]
    return "\n".join(part for part in parts if part)


def _stub(source: str, function: ast.FunctionDef, task: str) -> str:
    """The signature and docstring unchanged, then an error that names the task."""
    docstring = function.body[0]
    lines = source.splitlines()[function.lineno - 1 : docstring.end_lineno]
    summary = (ast.get_docstring(function) or "").splitlines()[0].rstrip(".")
    purpose = summary[0].lower() + summary[1:]
    text = f'"Task {task}: {purpose}"'
    error = f"    raise NotImplementedError({text})"
    if len(error) > LINE_LENGTH:
        error = f"    raise NotImplementedError(\n        {text}\n    )"
    return "\n".join([*lines, f"{error}\n"])


def _signature_names(function: ast.FunctionDef) -> Iterator[ast.Name]:
    """The names in a function's signature."""
    parts: list[ast.AST] = [function.args]
    if function.returns is not None:
        parts.append(function.returns)
    for part in parts:
        yield from (node for node in ast.walk(part) if isinstance(node, ast.Name))


def _is_alias(node: ast.stmt) -> bool:
    """Whether a statement defines a type alias, such as `Batches = Iterable[…]`."""
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)


def _target(node: ast.stmt) -> str:
    assert isinstance(node, ast.Assign)
    return ast.unparse(node.targets[0])


def _segment(source: str, node: ast.stmt) -> str:
    return ast.get_source_segment(source, node) or ""


def _imports(tree: ast.Module, used: set[str]) -> str:
    """The import statements that the signatures need: standard library first, then the others."""
    groups: list[list[str]] = [[], []]
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [a for a in node.names if (a.asname or a.name).partition(".")[0] in used]
        if names:
            node.names = names
            module = node.module if isinstance(node, ast.ImportFrom) else names[0].name
            standard = (module or "").partition(".")[0] in ("collections", "typing")
            groups[0 if standard else 1].append(ast.unparse(node))
    return "\n\n".join("\n".join(group) for group in groups if group) + "\n"
