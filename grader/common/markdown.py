"""Shows Markdown, such as lessons and hints, on a terminal in paragraphs of 80 columns."""

import re
from collections.abc import Iterator
from typing import Final

from grader.common.terminal import wrapped

FENCE: Final = "```"
_ITEM: Final = re.compile(r"(?:[-*]|\d+\.) +")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def sections(text: str, level: int) -> dict[str, str]:
    """The text below each heading of a level, by heading.

    A section ends at the next heading of the same or a higher level. A `#` in a block of code is a
    comment, not a heading.

    Args:
        text: the Markdown text.
        level: the level of the headings: 2 for `## Heading`.
    """
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith(FENCE)
        heading = None if in_code else re.fullmatch(r"(#+) +(.*\S)\s*", line)
        if heading and len(heading[1]) <= level:
            current = found.setdefault(heading[2], []) if len(heading[1]) == level else None
        elif current is not None:
            current.append(line)
    return {heading: "\n".join(lines).strip("\n") for heading, lines in found.items()}


def reflow(text: str, indent: int = 2) -> Iterator[str]:
    """Format Markdown as lines for a terminal: paragraphs and items are wrapped, code is kept.

    Args:
        text: Markdown without headings.
        indent: the number of spaces before every line.
    """
    space = " " * indent
    for block in _blocks(text):
        if block.startswith(FENCE):
            yield from (f"{space}    {line}".rstrip() for line in block.splitlines()[1:-1])
        elif block:
            mark = _ITEM.match(block)
            hanging = space + " " * len(mark[0] if mark else "")
            plain = _LINK.sub(r"\1 (\2)", " ".join(block.split()))
            yield from wrapped(plain, space, hanging)
        else:
            yield ""


def _blocks(text: str) -> Iterator[str]:
    """Blocks of code with their fences, list items and paragraphs; "" for each blank line."""
    block: list[str] = []
    in_code = False
    for line in text.splitlines():
        fence = line.startswith(FENCE)
        if in_code or fence:
            if fence and not in_code:
                yield from _whole(block)
            block.append(line)
            if fence and in_code:
                yield from _whole(block)
            in_code ^= fence
        elif not line.strip():
            yield from _whole(block)
            yield ""
        else:
            if _ITEM.match(line):
                yield from _whole(block)
            block.append(line)
    yield from _whole(block)


def _whole(block: list[str]) -> Iterator[str]:
    """Yield the collected lines as one text, if there are any, and clear them."""
    if block:
        yield "\n".join(block)
        block.clear()
