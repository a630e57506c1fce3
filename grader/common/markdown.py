"""Lessons and hints are Markdown; on a terminal they are paragraphs of 80 columns."""

import re
from collections.abc import Iterator
from typing import Final

from grader.common.terminal import wrapped

FENCE: Final = "```"
_ITEM: Final = re.compile(r"(?:[-*]|\d+\.) +")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def sections(text: str, level: int) -> dict[str, str]:
    """What stands below each heading of a level, by heading.

    A section ends at the next heading of its level or above. A `#` in a block of code is a comment.

    Args:
        text: Markdown.
        level: 2 for `## Heading`.
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
    """Markdown without headings as lines of a terminal: paragraphs and items wrapped, code kept.

    Args:
        text: Markdown.
        indent: of every line, in spaces.
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
    """Code with its fences, items, paragraphs, and an empty text for what stands between them."""
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
    """The block as one text, if there is any; what comes next begins anew."""
    if block:
        yield "\n".join(block)
        block.clear()
