"""The attack suite: hostile and broken submissions, each of which proves that its payload ran.

Each file in `attacks/` tries to disprove the sentence of its docstring. It is appended to the stub,
so that it earns nothing honestly (or to the solution: `On top of: solution`), and it can use two
names:

    PRIZE         the solution's text. An attack that succeeds executes it, and so gets full
                  points.
    payload_ran   prints a mark; to be called where the attack is done, or has been tried. An attack
                  whose mark is missing died before that, and proves nothing.

Further lines of the docstring: `Exercise: 02` (by default 03), `Earns at most: 1` (what a lie or a
half-right answer honestly earns; by default 0), `Runs: send, receive` (the labels with which
`payload_ran` must be called if an attack has several payloads; a single one has no label).

A mark must be printed before the judge reacts, because it ends a runner at once that sends it
nonsense. So the last byte of a forged frame follows the mark.
"""

import ast
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.corpus import ROOT, solution, stub

# Default arguments keep what it needs, so that it works even in a destroyed interpreter.
NAMES = """\
PRIZE = {prize!r}


def payload_ran(label="", write=__import__("os").write, told=set()):
    if label not in told:
        told.add(label)
        write(1, {mark!r} % label.encode())


"""


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Attributes:
        name: the name of its file.
        exercise: the number of the exercise that it is handed in for.
        text: the text of the whole submission.
        most: the points that it may earn.
        runs: the labels of its payloads.
        mark: the format of the mark that each payload prints.
    """

    name: str
    exercise: str
    text: str
    most: float
    runs: tuple[str, ...]
    mark: bytes

    def left_out(self, printed: bytes) -> list[str]:
        """The payloads whose marks are not in the output."""
        return [label for label in self.runs if self.mark % label.encode() not in printed]


def attacks(names: Sequence[str] = ()) -> Iterator[Attack]:
    """The attacks with these names (none given: all)."""
    for path in sorted((ROOT / "tests" / "attacks").glob("*.py")):
        if not names or path.stem in names:
            yield attack_of(path.stem, path.read_text("utf-8"))


def attack_of(name: str, text: str) -> Attack:
    """The attack with this text."""
    lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    said = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    number = said.get("Exercise", "03")
    honest = solution(number) if said.get("On top of") == "solution" else stub(number)
    mark = f"\n{name} ran {secrets.token_hex(8)}: %b\n".encode()
    names = NAMES.format(prize=solution(number).text, mark=mark)
    return Attack(
        name,
        number,
        f"{names}{honest.text}\n\n{text}",
        float(said.get("Earns at most", 0)),
        tuple(said.get("Runs", "").split(", ")),
        mark,
    )
