"""The commands and the code of the lessons work, and print what the lessons say."""

import ast
import io
import os
import re
import shlex
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

import pytest

from grader.common.markdown import sections
from grader.common.terminal import WIDTH
from grader.course.lesson import beyond
from tests.support.corpus import ROOT, course, solution
from tests.support.warm_python import run_module

NUMBERS: Final = list(course().exercises)
PROGRAMS: Final = ("pytest", "grader")
SECTIONS: Final = (
    *("The idea", "One line of arithmetic", "Your tasks?", "How long it takes"),
    *("Typical mistakes", "Run it", "Read on", "Beyond"),
)
QUICK: Final = "03"
VAGUE: Final = ("about", "or another")  # in a comment that promises no exact output
LONGEST_RECIPE: Final = 30  # lines
LEARNERS_PART: Final = "The learner's minute"


def lesson(number: str) -> str:
    return (ROOT / "exercises" / number / "README.md").read_text("utf-8")


def fenced(text: str, *languages: str) -> list[str]:
    """The blocks of code in some of the languages."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [block for language, block in blocks if language in languages]


def commands(text: str) -> list[str]:
    """Every command in blocks and in running text, without comments; each once."""
    lines = [line for block in fenced(text, "bash", "") for line in block.splitlines()]
    lines = [line for line in lines if line.startswith(PROGRAMS)]
    lines += re.findall(
        rf"`((?:{'|'.join(PROGRAMS)})\b[^`]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    )
    words = [shlex.split(line, comments=True) for line in lines]
    return list(dict.fromkeys(shlex.join(parts) for parts in words))


def all_commands() -> list[str]:
    readme = sections((ROOT / "README.md").read_text("utf-8"), 2)
    more = (ROOT / "docs" / "learners.md").read_text("utf-8")
    texts = [*map(lesson, NUMBERS), readme[LEARNERS_PART], more]
    found = [command for text in texts for command in commands(text)]
    return list(dict.fromkeys(found))


def quick(command: str) -> bool:
    """Whether `make test` runs it, too: one lesson's commands."""
    return command.startswith((f"pytest exercises/{QUICK}", f"grader hint {QUICK}"))


# ---------------------------------------------------------------------------- commands


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    for name in ("exercises", "grader", "solutions"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("course.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture
def solved(folder: Path) -> Path:
    """A course in which everything is solved, whatever was done with it before."""
    for number in NUMBERS:
        file = folder / "exercises" / number / course().exercise(number).file_name
        file.write_text(solution(number).text, "utf-8")
    return folder


@pytest.mark.parametrize(
    "command",
    [pytest.param(c, marks=() if quick(c) else pytest.mark.proof) for c in all_commands()],
)
def test_every_command_of_a_lesson_works(command: str, solved: Path) -> None:
    program, *arguments = shlex.split(command)
    environment = {"PYTHONPATH": "", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
    if arguments[:1] == ["watch"]:  # it goes on until it is told to stop
        from tests.support.watching import PROMPT, watching  # needs a POSIX terminal

        with watching(solved, *arguments[1:], **environment) as terminal:
            terminal.sees(PROMPT)
            terminal.press("q")
            assert terminal.ends()[0] == 0
        return
    environment = {**os.environ, **environment}
    run = run_module(program, *arguments, cwd=solved, env=environment, timeout=600)
    said = run.stdout + run.stderr
    assert "Traceback" not in said
    if program == "pytest" and "needs a GPU" in said:
        assert "FAIL" not in said, said
    elif program == "grader" and arguments[:1] == ["hint"]:
        # Everything is solved here, so the task must be named.
        assert run.returncode == 2, said
        assert "name a task to read its hints" in said
    else:
        assert run.returncode == 0, said
    if program == "pytest":
        assert re.search(r"\d+ (passed|open)", run.stdout), said


def test_a_lesson_has_no_command_of_another_kind() -> None:
    for number in NUMBERS:
        for block in fenced(lesson(number), "bash", ""):
            for line in block.splitlines():
                assert line.startswith(PROGRAMS), f"{number}: {line}"


@pytest.mark.parametrize("number", NUMBERS)
def test_every_lesson_tells_how_to_run_all_checks_and_one_of_them(number: str) -> None:
    found = commands(lesson(number))
    assert f"pytest exercises/{number}" in found
    assert f"grader hint {number}" in found
    tests = ast.parse(course().visible_checks(number).read_text("utf-8")).body
    names = [node.name for node in tests if isinstance(node, ast.FunctionDef)]
    [chosen] = [command.split(" -k ")[1] for command in found if " -k " in command]
    assert [name for name in names if chosen in name], f"no check of {number} is named {chosen}"


# ------------------------------------------------------------------------------ python


@pytest.mark.parametrize("number", NUMBERS)
def test_the_code_of_a_lesson_runs_and_prints_what_it_says(number: str) -> None:
    names: dict[str, object] = {"__name__": "lesson"}
    for block in fenced(lesson(number), "python"):
        lines, printed = block.splitlines(), ""
        for statement in ast.parse(block).body:
            out = io.StringIO()
            with redirect_stdout(out):
                code = compile(ast.Module([statement], []), f"lesson {number}", "exec")
                exec(code, names)
            printed += out.getvalue()
            comment = lines[(statement.end_lineno or 0) - 1].partition("  # ")[2]
            if comment and out.getvalue():
                assert_promised(comment, out.getvalue().strip())
        promised = [line[2:] for line in _at_the_end(lines)]
        assert not promised or promised == printed.splitlines()


def assert_promised(comment: str, printed: str) -> None:
    """A comment beside a `print` shows what it prints, or its numbers."""
    if any(word in comment for word in VAGUE):
        return
    numbers = re.findall(r"\d+\.?\d*", comment)
    assert printed in comment or (numbers and all(n in printed for n in numbers)), (
        f"{printed!r} is printed, {comment!r} is promised"
    )


def _at_the_end(lines: list[str]) -> list[str]:
    """The comments that a block ends in: what it prints altogether."""
    found: list[str] = []
    while lines and lines[-1].startswith("# "):
        found.insert(0, lines[-1])
        lines = lines[:-1]
    return found


def test_a_wrong_promise_is_found() -> None:
    assert_promised("tensor(6.): the slope", "tensor(6.)")
    with pytest.raises(AssertionError):
        assert_promised("tensor(6.): the slope", "tensor(7.)")


def test_the_recipe_of_fine_tuning_is_the_one_that_was_measured() -> None:
    source = (ROOT / "benchmarks" / "transfer.py").read_text("utf-8")
    [recipe] = [
        ast.get_source_segment(source, node)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == "train_all"
    ]
    assert recipe is not None
    assert len(recipe.splitlines()) <= LONGEST_RECIPE
    assert recipe in "".join(fenced(lesson("06"), "python"))


# -------------------------------------------------------------------------------- form


@pytest.mark.parametrize("number", NUMBERS)
def test_every_lesson_has_its_sections_in_their_order(number: str) -> None:
    headings = [h for h in sections(lesson(number), 2) if h != "What it is worth"]
    assert len(headings) == len(SECTIONS), headings
    for heading, pattern in zip(headings, SECTIONS, strict=True):
        assert re.fullmatch(pattern, heading)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_last_word_is_short_and_plain(number: str) -> None:
    lines = list(beyond(course(), number))
    assert 5 <= len(lines) <= 13
    assert max(map(len, lines)) <= WIDTH
    assert any(line.startswith("  Professionals") for line in lines)
    assert not re.search(r"\]\(|\*\*|^#", "\n".join(lines))


@pytest.mark.parametrize("number", NUMBERS)
def test_lessons_and_hints_read_well_as_plain_text(number: str) -> None:
    for name in ("README.md", "hints.md"):
        text = (ROOT / "exercises" / number / name).read_text("utf-8")
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        assert not re.search(r"</?[a-z]+>", prose), "no HTML"
        for line in text.splitlines():
            table_or_link = line.startswith("|") or "](" in line or "http" in line
            assert len(line) <= 105 or table_or_link, line
        for target in re.findall(r"\]\(([^)]+)\)", prose):
            if not target.startswith("https://"):
                assert (ROOT / "exercises" / number / target).is_file(), target
