"""The table: the input, both results, and whether they are the same; 80 columns wide."""

import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from rich.text import Text

from grader.common.terminal import printable
from grader.learner.compare.scene import Fact, Scene
from grader.learner.compare.sides import Failure, Outcome

WIDTHS: Final = (28, 21, 21, 4)
GAP: Final = "  "
TABLE_WIDTH: Final = sum(WIDTHS) + len(GAP) * (len(WIDTHS) - 1)
NOT_ATTEMPTED: Final = "not attempted yet"
SAME, DIFFERS, FREE = "yes", "NO", "-"
STYLES: Final = {SAME: "green", DIFFERS: "bold red"}
MOST_LINES: Final = 4  # the most lines in a cell


def heading(*, reference: bool) -> Iterator[Text]:
    """The column headings: four, or two without the reference."""
    names = ("input", "yours", "the reference's", "same") if reference else ("input", "yours")
    yield from row(*names)
    yield Text("─" * TABLE_WIDTH)


def rows(scene: Scene, yours: Outcome, theirs: Outcome | None) -> tuple[list[Text], int, int]:
    """Put what a scene found on both sides next to each other.

    Returns:
        The lines, how many facts were compared, and how many of them differ.
    """
    labels = list((theirs or yours).facts)
    labels += [label for label in yours.facts if label not in labels]
    alone = labels == [""]
    lines = [] if alone else [*row(f"  {scene.title}")]
    compared = differing = 0
    for label in labels:
        mine, other = yours.facts.get(label), theirs.facts.get(label) if theirs else None
        if mine is None and yours.failure:
            break  # the scene failed before this fact: the line below says why
        said = _judge(mine, other if theirs else mine) if theirs or (mine and mine.alone) else ""
        compared, differing = compared + (said in STYLES), differing + (said == DIFFERS)
        name = f"  {scene.title}" if alone else f"    {label}"
        lines += row(name, _cell(mine), _cell(other), said)
    for side, failure in (("yours", yours.failure), ("the reference's", _failure(theirs))):
        if failure is not None:
            compared, differing = compared + 1, differing + 1
            cells = (failure.name, "") if side == "yours" else ("", failure.name)
            lines += row(f"  {scene.title}" if not lines else "    stopped", *cells, DIFFERS)
            lines += [Text(f"      → {line}", style="red") for line in _wrapped(failure.line, 71)]
    return lines, compared, differing


def not_attempted(task: str) -> Iterator[Text]:
    """The row of a function that is not written yet."""
    yield from row(task, NOT_ATTEMPTED)


def row(label: str, yours: str = "", theirs: str = "", said: str = "") -> Iterator[Text]:
    """The lines of a row. If the other cells are empty, the label may use the whole width."""
    indent = " " * (len(label) - len(label.lstrip()))
    space = TABLE_WIDTH if not (yours or theirs or said) else WIDTHS[0]
    first = textwrap.wrap(label, space, subsequent_indent=f"{indent}  ")
    cells = [first, _wrapped(yours, WIDTHS[1]), _wrapped(theirs, WIDTHS[2]), [said]]
    for parts in zip_longest(*cells, fillvalue=""):
        padded = [f"{part:<{width}}" for part, width in zip(parts, WIDTHS, strict=True)]
        line = Text(GAP.join(padded[:-1]) + GAP)
        line.append(parts[-1], style=STYLES.get(parts[-1], ""))
        line.rstrip()
        yield line


def _judge(yours: Fact | None, theirs: Fact | None) -> str:
    """Whether two facts are the same; a fact that only one side has is not."""
    if yours is None or theirs is None:
        return DIFFERS
    if theirs.rule is None:
        return FREE
    try:
        return SAME if theirs.rule(yours.value, theirs.value) else DIFFERS
    except Exception:  # values of different types, which cannot be compared
        return DIFFERS


def _failure(outcome: Outcome | None) -> Failure | None:
    return outcome.failure if outcome else None


def _cell(fact: Fact | None) -> str:
    return fact.shown if fact else ""


def _wrapped(text: str, width: int) -> list[str]:
    """Untrusted text, made printable and wrapped into a limited number of lines."""
    shown = " ".join(printable(text).split())
    return textwrap.wrap(shown, width, max_lines=MOST_LINES, placeholder=" …")
