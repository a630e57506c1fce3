"""The attack suite: hostile and broken submissions, each of which proves that it did its deed.

Each file in `attacks/` tries to disprove the sentence of its docstring. It is put behind the stub's
text, so that it earns nothing honestly (or behind the solution's: `On top of: solution`), and it
finds two names:

    PRIZE         the solution's text. Whoever succeeds in something forbidden executes it, and so
                  has full points to show for it.
    payload_ran   to be called where the deed is done, or has been tried: it prints a mark. An
                  attack whose mark does not come died before its deed, and proves nothing.

Further lines of the docstring: `Exercise: 02` (03 is not said), `Earns at most: 1` (what a lie or a
half-right answer honestly earns; 0 is not said), `Runs: send, receive` (the labels with which
`payload_ran` must be called, where an attack has several deeds; a single one has no label).

A mark must come before the blow that the deed provokes: the judge ends a runner at once that sends
it nonsense. So the last byte of a forged frame follows the mark.
"""

import ast
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.corpus import ROOT, solution, stub

# The names are bound at once: an attack that takes the interpreter apart can still call it.
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
        name: of its file.
        exercise: the number of the exercise that it is handed in for.
        text: of the whole submission.
        most: the points that it may earn.
        runs: the labels of its deeds.
        mark: what it prints of each, a format.
    """

    name: str
    exercise: str
    text: str
    most: float
    runs: tuple[str, ...]
    mark: bytes

    def left_out(self, printed: bytes) -> list[str]:
        """The deeds of which no mark is in what was printed."""
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
