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
    for start in _statements(code):
        whole = SHELL_LINE.match(code, start)
        assert whole is not None  # it may be empty
        if not _is_magic(whole[0]):
            continue
        kept.append(code[end:start])
        line += code.count("\n", end, start)
        indent = len(whole[0]) - len(whole[0].lstrip())
        kept.append(f"{whole[0][:indent]}pass" + "\n" * whole[0].count("\n"))
        left_out.append(Dropped(line, whole[0].strip()))
        line += whole[0].count("\n")
        end = whole.end()
    return "".join([*kept, code[end:]]), left_out


def _is_magic(line: str) -> bool:
    text = line.strip()
    question = text.endswith("?") and not any(c in text for c in "#'\"")
    return bool(MAGIC.match(text)) or question


def _statements(code: str) -> Iterator[int]:
    """The positions at which lines begin, except inside strings, brackets and continued lines."""
    depth = position = 0
    begins = True
    while True:
        if begins:
            yield position
            whole = SHELL_LINE.match(code, position)
            if whole and _is_magic(whole[0]):  # ignore its quotes and brackets
                position = whole.end()
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
