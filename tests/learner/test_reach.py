"""The learner's commands on other systems and terminals, simulated by removing what those lack."""

import io
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.common.terminal import PLAIN, encodable, fit_stream
from grader.learner.watch.events import Event, Key
from grader.learner.watch.keys import reading_keys
from tests.support.corpus import ROOT, solution

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
if sys.platform != "win32":
    from tests.support.watching import PROMPT, learners_folder, watching

SOLVED = solution("03").text
MISTAKEN = SOLVED + "\n\ndef find_head(model):\n    return 'fc “quoted” · …'\n"
# What Windows does not have. Python and its libraries still believe that they run on this system,
# so what the standard library, NumPy and torch use themselves stays.
ELSEWHERE = """
import os, signal, sys
for name in "fcntl grp posix_ipc pty pwd pyseccomp readline resource termios tty".split():
    sys.modules[name] = None
for name in (
    "fork forkpty getegid geteuid getgid getpgid getpgrp getuid killpg pidfd_open "
    "sched_getaffinity setpgid setsid setuid tcgetpgrp wait4"
).split():
    delattr(os, name)
for name in "SIGALRM SIGCHLD SIGCONT SIGHUP SIGTSTP SIGXCPU alarm pidfd_send_signal".split():
    delattr(signal, name)
"""
KEYBOARD = """
import os, subprocess, sys, types
sys.modules["msvcrt"] = types.ModuleType("msvcrt")
sys.modules["msvcrt"].getwch = lambda: os.read(0, 1).decode()
"""
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return learners_folder(tmp_path / "course")


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    """A folder whose `sitecustomize` makes each Python process believe that it runs elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "sitecustomize.py").write_text(ELSEWHERE, "utf-8")
    return str(tmp_path / "elsewhere")


def learn(
    folder: Path, *command: str, code: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a module of Python as a learner does, or some code."""
    inherited = {n: v for n, v in os.environ.items() if n not in ("LANG", "LC_ALL", "LC_CTYPE")}
    return subprocess.run(
        [sys.executable, *(["-c", code] if code else ["-m"]), *command],
        cwd=folder,
        env={**inherited, "PYTHONPATH": "", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )


def save(folder: Path, text: str) -> None:
    (folder / "exercises" / "03" / "head.py").write_text(text, "utf-8")


# ------------------------------------------------------------------ which characters there are


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("a · b … “c” — d", "ascii", 'a - b ... "c" - d'),
        ("a · b … “c” — d", "utf-8", "a · b … “c” — d"),
        ("a · b … “c” — d", "cp1252", "a · b … “c” — d"),
        ("a · b → c", "cp1252", "a · b -> c"),
        ("müde 中", "ascii", "m\\xfcde \\u4e2d"),
        ("a · b", None, "a - b"),
    ],
)
def test_what_a_terminal_lacks_is_written_in_ascii(
    text: str, encoding: str | None, shown: str
) -> None:
    assert encodable(text, encoding) == shown
    if encoding:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        fit_stream(stream, {})
        stream.write(text)
        stream.flush()
        assert stream.buffer.getvalue() == shown.encode(encoding)  # type: ignore[attr-defined]


def test_replacements_of_characters_are_ascii() -> None:
    assert all(plain.isascii() for plain in PLAIN.values())


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "POSIX", "LC_CTYPE": "C.UTF-8"}, "ascii"),  # as Python itself sets it
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "ascii"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, "utf-8"),
        ({"LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, "utf-8"),
        ({"LANG": "C", "PYTHONIOENCODING": "utf-8"}, "utf-8"),
        ({"LANG": "C", "PYTHONUTF8": "1"}, "utf-8"),
        ({"LANG": "C.UTF-8"}, "utf-8"),
        ({}, "utf-8"),
    ],
)
def test_a_locale_that_asks_for_ascii_gets_it(environment: dict[str, str], encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    fit_stream(stream, environment)
    assert stream.encoding == encoding


def test_a_stream_of_another_kind_stays_as_it_is() -> None:
    fit_stream(io.StringIO(), {"LANG": "C"})


# The first one is quick; the others reach the same kind of terminal in other ways.
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        pytest.param({"LANG": "C"}, marks=pytest.mark.proof),
        pytest.param({"LC_ALL": "POSIX"}, marks=pytest.mark.proof),
    ],
    ids=str,
)
def test_a_summary_in_plain_ascii_within_80_columns(
    folder: Path, environment: dict[str, str]
) -> None:
    save(folder, MISTAKEN)
    run = learn(folder, "pytest", "exercises/03", **environment)
    assert run.stdout.isascii()
    assert "Exercise 03 - A new classifier" in run.stdout
    assert "FAIL" in run.stdout
    assert "\\xb7" not in run.stdout
    assert 'fc "quoted" - ...' in run.stdout, "the learner's own text, too"
    assert too_wide(run.stdout) == []
    assert run.stderr == ""


@pytest.mark.proof
def test_all_verbs_of_a_learner_in_plain_ascii_within_80_columns(folder: Path) -> None:
    save(folder, MISTAKEN)
    for command in (("hint", "03"), ("progress",), ("reset", "--help"), ("watch", "--help")):
        run = learn(folder, "grader", *command, LANG="C", COLUMNS="80")
        assert run.returncode == 0, run.stderr
        assert run.stdout.isascii(), run.stdout
        assert too_wide(run.stdout) == []


def too_wide(text: str) -> list[str]:
    return [line for line in text.splitlines() if len(line) > 80]


# ---------------------------------------------------------------------------------- colours


@posix
@pytest.mark.proof
def test_colours_carry_no_meaning_of_their_own(folder: Path) -> None:
    import pexpect

    save(folder, "x = 1\n" + MISTAKEN.replace("Linear(", "Conv2d("))
    command = ["-m", "pytest", "exercises/03"]
    environment = {name: v for name, v in os.environ.items() if name != "NO_COLOR"}
    environment |= {"PYTHONPATH": "", "TERM": "xterm-256color"}
    shown = []
    for colors in ({}, {"NO_COLOR": "1"}):
        terminal = pexpect.spawn(
            *(sys.executable, command),
            cwd=str(folder),
            env={**environment, **colors},
            encoding="utf-8",
            timeout=240,
            dimensions=(50, 80),
        )
        terminal.expect(pexpect.EOF)
        terminal.close()
        shown.append(str(terminal.before))
    colored, plain = shown
    assert ESCAPES.search(colored)
    assert not ESCAPES.search(plain)
    assert ESCAPES.sub("", colored) == plain, "the same words"
    assert "FAIL" in plain


# ------------------------------------------------------------------------- other systems


@posix
def test_the_command_line_starts_where_posix_is_missing(folder: Path, elsewhere: str) -> None:
    code = "import os; assert not hasattr(os, 'fork'); from grader.cli import main; main()"
    run = learn(folder, "--help", code=code, PYTHONPATH=elsewhere)
    assert run.returncode == 0, run.stderr
    assert "watch" in run.stdout


@posix
@pytest.mark.proof
def test_checks_and_hints_where_posix_is_missing(folder: Path, elsewhere: str) -> None:
    save(folder, SOLVED)
    run = learn(folder, "pytest", "exercises/03", PYTHONPATH=elsewhere)
    assert "10 of 10 points" in run.stdout, run.stdout + run.stderr
    hint = learn(folder, "grader", "hint", "03", "3.1", PYTHONPATH=elsewhere)
    assert hint.returncode == 0, hint.stderr
    assert "Nudge" in hint.stdout
    progress = learn(folder, "grader", "progress", PYTHONPATH=elsewhere)
    assert progress.returncode == 0, progress.stderr
    assert "03" in progress.stdout
    reset = learn(folder, "grader", "reset", "03", PYTHONPATH=elsewhere)
    assert "Traceback" not in reset.stderr


@posix
@pytest.mark.proof
def test_watch_where_posix_is_missing(folder: Path, elsewhere: str) -> None:
    save(folder, MISTAKEN)
    prelude = KEYBOARD  # after `subprocess`, which looks for it to know the system
    with watching(folder, "03", prelude=prelude, PYTHONPATH=elsewhere) as terminal:
        terminal.sees(PROMPT, "FAIL", PROMPT)
        terminal.save(SOLVED)
        terminal.sees("10 of 10 points", PROMPT)
        terminal.press("h\n")  # this terminal still needs Enter
        terminal.sees("Nudge")
        terminal.press("q\n")
        assert terminal.ends()[0] == 0


@pytest.mark.parametrize("verb", ["grade", "doctor"])
@pytest.mark.parametrize("platform", ["win32", pytest.param("darwin", marks=pytest.mark.proof)])
def test_the_sandbox_says_in_one_line_that_it_needs_linux(
    folder: Path, tmp_path: Path, verb: str, platform: str
) -> None:
    shutil.copytree(folder / "exercises" / "03", tmp_path / "submitted" / "anna" / "03")
    arguments = ["grade", str(tmp_path / "submitted"), "--out", str(tmp_path)]
    code = f"import sys, grader.cli; sys.platform = {platform!r}; grader.cli.main()"
    run = learn(folder, *(arguments if verb == "grade" else [verb]), code=code)
    assert "Traceback" not in run.stderr
    if verb == "grade":
        assert run.returncode == 2
        assert run.stderr.count("\n") == 1
        assert "Linux" in run.stderr
    else:
        assert f"the sandbox needs Linux, and this is {platform}" in run.stdout


# ------------------------------------------------------------------------- the keyboard


class Keyboard:
    """What `msvcrt` is on Windows: a character at a time, waiting for it."""

    def __init__(self, pressed: str) -> None:
        self.left = iter(pressed)

    def getwch(self) -> str:
        for character in self.left:
            return character
        threading.Event().wait()  # no more keys are pressed
        raise AssertionError


@pytest.fixture
def a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))


@pytest.mark.usefixtures("a_terminal")
def test_keys_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "termios", None)
    # An arrow is two characters; the second one of "up" is an H, which asks for no hint.
    monkeypatch.setitem(sys.modules, "msvcrt", Keyboard("n\xe0Hq\x00q\x03"))  # type: ignore[misc]
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with reading_keys(events.put) as keys:
        assert keys
        pressed = [events.get(timeout=60) for _ in range(3)]
    assert pressed == [Key("n"), Key("q"), Key("\x03")]


@pytest.mark.usefixtures("a_terminal")
def test_a_system_without_either_way_of_reading_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "termios", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    with reading_keys(print) as keys:
        assert not keys


def test_no_keys_are_read_from_what_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for stdin in (None, io.StringIO("q")):
        monkeypatch.setattr(sys, "stdin", stdin)
        with reading_keys(print) as keys:
            assert not keys


# --------------------------------------------------------------- what is imported at once


@pytest.mark.proof
def test_a_learners_bundle_works_where_posix_is_missing(tmp_path: Path, elsewhere: str) -> None:
    """The kit as a learner has it: no hidden checks, nothing installed but its libraries."""
    folder = learners_folder(tmp_path / "bundle")
    ignored = shutil.ignore_patterns("__pycache__", "checks")
    shutil.copytree(ROOT / "grader", folder / "grader", ignore=ignored)
    run = learn(folder, "pytest", "exercises/03", PYTHONPATH=os.pathsep.join((elsewhere, "")))
    assert "Nothing is attempted yet" in run.stdout, run.stdout + run.stderr
