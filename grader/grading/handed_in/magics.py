"""Removes the lines that are IPython's from a cell: magics, shell commands, `name?`.

They are found by scanning characters, not with Python's parser: the text is untrusted, and deeply
nested code can crash the parser. The remaining lines keep their numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Cell magics whose body is Python that runs in the notebook's own namespace.
PYTHON_BODIES: Final = ("time", "timeit", "capture", "prun")
CELL_MAGIC: Final = re.compile(r"(?:[ \t]*\n)*%%(\w*)[^\n]*")
MAGIC: Final = re.compile(r"[%!?]|[\w.,*()\[\]'\" \t]+=[ \t]*[%!]")
SHELL_LINE: Final = re.compile(r"(?:\\\n|[^\n])*")
# Everything that matters for where strings and brackets begin and end; the rest is skipped.
TOKEN: Final = re.compile(
    r"#[^\n]*|\"\"\"|'''|\"(?:\\[\s\S]|[^\"\\\n])*\"?|'(?:\\[\s\S]|[^'\\\n])*'?|[(\[{}\])]|\\\n|\n"
)
LONG_STRINGS: Final = {
    '"""': re.compile(r"(?:\\[\s\S]|[^\\])*?(?:\"\"\"|\Z)"),
    "'''": re.compile(r"(?:\\[\s\S]|[^\\])*?(?:'''|\Z)"),
}


@dataclass(frozen=True)
class Dropped:
    """A removed line: its number, counted from 1, and its text."""

    line: int
    text: str


def without_magics(code: str) -> tuple[str, list[Dropped]]:
    """Remove the lines that are not Python from a cell.

    A cell that begins with `%%` and is not Python (`%%bash`) is removed as a whole. If its body is
    Python that is timed or captured (`%%time`), only the first line is removed.

    Args:
        code: the cell's text, with lines that end in a plain newline.

    Returns:
        The code, with a `pass` in place of each line that is not Python, and the removed lines.
    """
    lines = code.split("\n")
    found = CELL_MAGIC.match(code)
    if found:
        number = found[0].count("\n")
        dropped = Dropped(number + 1, lines[number].strip())
        if found[1] not in PYTHON_BODIES:
            return "\n" * (len(lines) - 1), [dropped]
        lines[number] = ""
        rest, more = _without_lines("\n".join(lines))
        return rest, [dropped, *more]
    return _without_lines(code)


def _without_lines(code: str) -> tuple[str, list[Dropped]]:
    left_out, kept, end, line = [], [], 0, 1
    for start, stop in _magics(code):
        whole = code[start:stop]
        kept.append(code[end:start])
        line += code.count("\n", end, start)
        indent = len(whole) - len(whole.lstrip())
        kept.append(f"{whole[:indent]}pass" + "\n" * whole.count("\n"))
        left_out.append(Dropped(line, whole.strip()))
        line += whole.count("\n")
        end = stop
    return "".join([*kept, code[end:]]), left_out


def _is_magic(line: str) -> bool:
    text = line.strip()
    question = text.endswith("?") and not any(c in text for c in "#'\"")
    return bool(MAGIC.match(text)) or question


def _magics(code: str) -> Iterator[tuple[int, int]]:
    """Where magics begin and end: not inside strings, brackets and continued lines.

    What continues a line is looked at only behind a magic, so that each character is read a fixed
    number of times.
    """
    depth = position = 0
    begins = True
    while True:
        if begins:
            newline = code.find("\n", position)
            if _is_magic(code[position : newline if newline >= 0 else len(code)]):
                whole = SHELL_LINE.match(code, position)
                assert whole is not None  # it may be empty
                yield whole.span()
                position = whole.end()  # ignore its quotes and brackets
        found = TOKEN.search(code, position)
        if found is None:
            return
        token, position = found[0], found.end()
        if token in LONG_STRINGS:
            body = LONG_STRINGS[token].match(code, position)
            assert body is not None  # it may be empty; without closing quotes it ends with the code
            position = body.end()
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(depth - 1, 0)
        begins = token == "\n" and not depth
