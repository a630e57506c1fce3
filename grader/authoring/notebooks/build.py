"""Turns a source in the percent format into the text of a notebook."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeGuard

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.authoring.notebooks.answers import Answers, merged
from grader.common.errors import UserError
from grader.course.settings import Course

FOLDER: Final = "notebooks"
IMPORTS: Final = "imports"
PARAMETERS: Final = "parameters"  # the tag by which papermill finds the settings
BRANCH: Final = "main"
COLAB: Final = "https://colab.research.google.com/github"
_HEAD: Final = re.compile(r"# %%(?: (?P<name>[a-z0-9-]+))?(?P<text> \[markdown\])?")
_MAGIC: Final = re.compile(r"\bpass  # %")
_ADDRESS: Final = re.compile(r"\b(REPOSITORY|COLAB)\b")


@dataclass(frozen=True)
class SourceCell:
    """One cell of a source.

    Attributes:
        name: the cell's id in the notebook.
        is_text: whether it contains Markdown, in comment lines.
        lines: the lines below the cell's `# %%` line.
    """

    name: str
    is_text: bool
    lines: tuple[str, ...]

    @property
    def content(self) -> str:
        """The cell's Markdown or code."""
        lines = [re.sub(r"^# ?", "", line) for line in self.lines] if self.is_text else self.lines
        return "\n".join(lines).strip("\n")


def write_notebooks(course: Course) -> Iterator[tuple[Path, str]]:
    """Write every notebook of the course, replacing existing files.

    Yields:
        Each file and what was done: "written" or "unchanged".
    """
    for source in find_sources(course):
        path = course.root / FOLDER / f"{source.stem}.ipynb"
        text = notebook_text(course, source)
        same = path.is_file() and path.read_text(encoding="utf-8") == text
        if not same:
            path.write_text(text, encoding="utf-8")
        yield path, "unchanged" if same else "written"


def find_sources(course: Course) -> list[Path]:
    """The sources of the course's notebooks."""
    return sorted((course.root / FOLDER / "source").glob("*.py"))


def notebook_text(course: Course, source: Path) -> str:
    """The text of the notebook file that is built from a source.

    Raises:
        UserError: when the source has a mistake.
    """
    try:
        cells = read_cells(source.read_text(encoding="utf-8"))
        answers = Answers(course.root / "solutions")
        contents = {cell.name: _content(cell, answers) for cell in cells}
        if answers.imports and IMPORTS not in contents:
            raise UserError(f"a cell named {IMPORTS!r} is missing")
    except (UserError, SyntaxError) as error:
        raise UserError(f"{source}: {error}") from None
    if IMPORTS in contents:
        own = ast.parse(contents[IMPORTS]).body
        contents[IMPORTS] = merged([*filter(_is_import, own), *answers.imports])
    notebook = new_notebook(metadata=_metadata())
    for cell in cells:
        content = _addressed(contents[cell.name], course.repository, source.stem)
        if content is not None:
            notebook.cells.append(_made(cell, content))
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def read_cells(text: str) -> list[SourceCell]:
    """Read the cells of a source; text before the first cell is ignored.

    Raises:
        UserError: when a cell has no name, or two cells have the same name.
    """
    heads: list[tuple[str, bool, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# %%"):
            head = _HEAD.fullmatch(line)
            if not head or not head["name"]:
                raise UserError(
                    f"line {number}: a cell begins with `# %% its-name`, in small letters"
                )
            if head["name"] in {name for name, _, _ in heads}:
                raise UserError(f"line {number}: a second cell named {head['name']!r}")
            heads.append((head["name"], bool(head["text"]), []))
        elif heads:
            heads[-1][2].append(line)
    return [SourceCell(name, is_text, tuple(lines)) for name, is_text, lines in heads]


def _content(cell: SourceCell, answers: Answers) -> str:
    """The cell's own content, or the functions that it imports from the solutions."""
    if cell.is_text:
        return cell.content
    body = ast.parse(cell.content).body
    cuts = [node for node in body if _is_cut(node)]
    if not cuts:
        return _MAGIC.sub("%", cell.content)
    if len(cuts) < len(body):
        raise UserError(f"cell {cell.name!r}: imports from `solutions` need a cell of their own")
    texts = []
    for node in cuts:
        assert isinstance(node, ast.ImportFrom)
        assert node.module is not None
        module = node.module.partition(".")[2]
        texts += answers.cut(module, [alias.name for alias in node.names])
    if not texts:
        raise UserError(f"cell {cell.name!r}: earlier cells show all of this already")
    return _spaced(texts)


def _is_cut(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("solutions.")


def _is_import(node: ast.stmt) -> TypeGuard[ast.Import | ast.ImportFrom]:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _spaced(texts: list[str]) -> str:
    """Join definitions with as many empty lines as the formatter requires."""
    spaced = texts[0]
    for before, text in pairwise(texts):
        constants = "\n" not in before and "\n" not in text
        spaced += ("\n" if constants else "\n\n\n") + text
    return spaced


def _addressed(content: str, repository: str | None, name: str) -> str | None:
    """Fill in the addresses; None if the content needs one and the course has no repository."""
    if not _ADDRESS.search(content):
        return content
    if repository is None:
        return None
    repository = repository.removesuffix(".git")
    owner_and_name = repository.removeprefix("https://github.com/")
    addresses = {
        "REPOSITORY": repository,
        "COLAB": f"{COLAB}/{owner_and_name}/blob/{BRANCH}/{FOLDER}/{name}.ipynb",
    }
    return _ADDRESS.sub(lambda found: addresses[found[0]], content)


def _made(cell: SourceCell, content: str) -> nbformat.NotebookNode:
    """Make the notebook's cell, with a fixed id: the notebook's text is reproducible."""
    made: nbformat.NotebookNode
    made = new_markdown_cell(content) if cell.is_text else new_code_cell(content)
    made["id"] = cell.name
    if cell.name == PARAMETERS:
        made.metadata["tags"] = [PARAMETERS]
    return made


def _metadata() -> dict[str, object]:
    """The notebook's metadata: the kernel for Jupyter, and a GPU for Colab."""
    return {
        "accelerator": "GPU",
        "colab": {"gpuType": "T4", "provenance": []},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
