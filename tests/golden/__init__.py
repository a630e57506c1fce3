"""What learners are told and what it costs them, for every mutant, to be read and compared.

Each exercise has a file of entries: the mutant's mistake, the points that it loses, and the whole
message of the check that names it. Hidden checks tell only the reason, the place and the next step.

    python -m tests.golden                    writes all of them anew
    python -m tests.golden 03                 those of an exercise
    python -m tests.golden 03-rate_forgotten  that of one mutant

The same program keeps `points.md`, a table of the points.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from grader.course.scoring import Verdict, score_exercise
from grader.learner.pytest_summary import beside_verdict, rows
from tests.support.corpus import Answer, course

FOLDER = Path(__file__).parent
TABLE = FOLDER / "points.md"
HEADING = "=== "
# Training gives somewhat other figures on other machines.
MEASURED = re.compile(r"\babout \d+ of 100\b")
LOSS = re.compile(r"^It loses ([\d.]+) of (\d+) points in (\w+), and 0 elsewhere\.$", re.MULTILINE)


def points_lost(mutant: Answer, found: Mapping[str, Verdict]) -> dict[str, float]:
    """The points that a mutant loses in each task; what waits for a GPU costs nothing."""
    tasks = course().exercise(mutant.number).tasks
    scored = score_exercise(tasks, list(found.values()))
    lost = {
        task: math.fsum(
            s.max_score - s.score for v, s in scored if v.task == task and s.score is not None
        )
        for task in tasks
    }
    return {task: round(points, 2) + 0.0 for task, points in lost.items()}


def entry(mutant: Answer, found: Mapping[str, Verdict]) -> str:
    """One mutant's entry, with its heading."""
    lost = points_lost(mutant, found)
    named = found[mutant.fails]
    elsewhere = math.fsum(lost.values()) - lost[named.task]
    points = course().exercise(mutant.number).tasks[named.task]
    kind = "a hidden check" if named.hidden else "a visible check"
    lines = [
        f"{HEADING}{mutant.name}",
        *wrap(mutant.mistake, 80),
        f"It loses {lost[named.task]:g} of {points} points in {named.task}, "
        f"and {elsewhere:g} elsewhere.",
        "",
        f"    FAIL  {beside_verdict(named.title)}",
        f"          {named.id}, {kind}",
        *rows(MEASURED.sub("about N of 100", named.message)),
    ]
    return "\n".join(lines) + "\n"


def read(number: str) -> dict[str, str]:
    """The entries of an exercise by the mutants' names; none when there is no file yet."""
    path = _file(number)
    if not path.exists():
        return {}
    parts = re.split(rf"^(?={HEADING})", path.read_text("utf-8"), flags=re.MULTILINE)
    texts = [part.rstrip() + "\n" for part in parts if part.startswith(HEADING)]
    return {text.partition("\n")[0].removeprefix(HEADING): text for text in texts}


def write(number: str, entries: Mapping[str, str]) -> None:
    """Write the entries of an exercise, sorted by the mutants' names."""
    title = f"Exercise {number} · {course().exercise(number).title}\n"
    _file(number).write_text("\n".join([title, *(entries[k] for k in sorted(entries))]), "utf-8")


def table(numbers: Iterable[str]) -> str:
    """The points that every mutant loses, as the entries tell."""
    return "\n".join(["# What each mutant loses", *_sections(numbers)]) + "\n"


def _sections(numbers: Iterable[str]) -> Iterator[str]:
    for number in numbers:
        yield from ("", f"## Exercise {number}", "")
        yield from ("| mutant | task | loses | of | elsewhere |", "|---|---|---:|---:|---:|")
        for name, text in read(number).items():
            if found := LOSS.search(text):
                lost, points, task = found.groups()
                yield f"| {name} | {task} | {lost} | {points} | 0 |"


def _file(number: str) -> Path:
    return FOLDER / f"{number}.txt"
