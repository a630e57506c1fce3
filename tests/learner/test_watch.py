"""`grader watch`: in a terminal as a learner sees it, and its parts alone."""

import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from grader.common.errors import KitError
from grader.course.settings import Course, find_course
from grader.learner.watch.events import Changed, Ended, Event, Key, Lost, NoEvents
from grader.learner.watch.files import Files
from grader.learner.watch.loop import LONG, Loop, WatchOptions, cannot_read
from grader.learner.watch.worker import can_fork

PROC = Path("/proc")  # of Linux
SOLVED_LINE = "10 of 10 points by the visible checks"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
if sys.platform != "win32":
    from tests.support.watching import MISTAKEN, PATIENCE, PROMPT, SOLVED, learners_folder, watching

ENDLESS = "import os\nopen({path!r}, 'w').write(str(os.getpid()))\nwhile True:\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return learners_folder(tmp_path)


def begins_endless_run(terminal: Any, note: Path) -> int:
    """Save a file that never comes to its end; gives the process that runs it."""
    note.unlink(missing_ok=True)
    terminal.save(ENDLESS.format(path=str(note)))
    deadline = time.monotonic() + PATIENCE
    while not (note.is_file() and note.read_text("utf-8")):
        assert time.monotonic() < deadline, "the checks of the saved file did not begin"
        time.sleep(0.05)
    return int(note.read_text("utf-8"))


def is_gone(process: int) -> bool:
    """Whether a process ends, soon."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
            # An orphan may remain a zombie for long.
            if PROC.is_dir() and ") Z " in (PROC / str(process) / "stat").read_text("utf-8"):
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


# ------------------------------------------------------------------------ in a terminal


def test_a_session_from_the_first_save_to_the_last_key(folder: Path, tmp_path: Path) -> None:
    with watching(folder, "03", NO_COLOR="1") as terminal:
        terminal.sees("Save exercises/03/head.py", "6 not attempted", PROMPT)
        assert terminal.is_raw()

        terminal.save(MISTAKEN)
        shown = terminal.sees("Next: task 3.1", PROMPT)
        assert "FAIL" in shown
        assert "\x1b[3" not in shown, "NO_COLOR is set"

        terminal.save("def find_head(model:\n    pass\n")
        shown = terminal.sees(
            "exercises/03/head.py, line 1: Python cannot read the file", "run once it can"
        )
        assert "Traceback" not in shown
        assert "Task 3.1" not in shown

        for version in range(20):  # a burst: the last state is the one that counts
            terminal.save(f"broken {version}\n" if version % 2 else MISTAKEN)
        terminal.replace(SOLVED)
        terminal.sees(SOLVED_LINE, PROMPT)

        terminal.file.unlink()
        terminal.sees("is missing", "grader reset 03")
        terminal.save(SOLVED)
        terminal.sees(SOLVED_LINE, PROMPT)

        process = begins_endless_run(terminal, tmp_path / "process")
        terminal.save(SOLVED)
        terminal.sees(SOLVED_LINE, PROMPT)
        assert is_gone(process)

        terminal.press("r")
        terminal.sees(SOLVED_LINE, PROMPT)
        terminal.press("n")
        terminal.sees("exercises/04/train.py", "Exercise 04", PROMPT)
        process = begins_endless_run(_of(terminal, "04/train.py"), tmp_path / "process")
        terminal.press("q")
        code, _ = terminal.ends()
        assert code == 1, "the checks that ran last did not pass"
        assert is_gone(process)


def _of(terminal: Any, name: str) -> Any:
    terminal.file = terminal.folder / "exercises" / name
    return terminal


@pytest.mark.proof
def test_where_nothing_is_forked_each_run_has_a_process_that_warmed_up_before(
    folder: Path, tmp_path: Path
) -> None:
    with watching(folder, "03", "--no-fork") as terminal:
        terminal.sees("6 not attempted", PROMPT)
        terminal.save(SOLVED)
        terminal.sees(SOLVED_LINE, PROMPT)
        first = begins_endless_run(terminal, tmp_path / "process")
        second = begins_endless_run(terminal, tmp_path / "process")
        assert first != second
        assert is_gone(first)
        terminal.save(SOLVED)
        terminal.sees(SOLVED_LINE, PROMPT)
        assert is_gone(second)
        third = begins_endless_run(terminal, tmp_path / "process")
        terminal.press("q")
        assert terminal.ends()[0] == 0, "the checks that ran to their end last passed"
        assert is_gone(third)


@pytest.mark.proof
@pytest.mark.parametrize("fork", ["", "--no-fork"])
def test_code_that_ends_its_process_earns_no_pass(folder: Path, fork: str) -> None:
    with watching(folder, "03", *filter(None, [fork])) as terminal:
        terminal.sees(PROMPT, PROMPT)
        terminal.save("import os\nos._exit(0)\n")
        terminal.sees("The run was cut short", "exit code 0", "pytest exercises/03", PROMPT)
        terminal.save(SOLVED)
        terminal.sees(SOLVED_LINE, PROMPT)


@pytest.mark.proof
def test_without_file_events_it_says_so_once_and_looks_itself(folder: Path) -> None:
    # watchfiles' own switches: it polls instead of waiting for events, but only once an hour.
    never = {"WATCHFILES_FORCE_POLLING": "true", "WATCHFILES_POLL_DELAY_MS": "3600000"}
    with watching(folder, "03", **never) as terminal:
        terminal.sees("6 not attempted", PROMPT)
        terminal.save(MISTAKEN)
        shown = terminal.sees("File events do not arrive", "pytest exercises/03", PROMPT)
        assert "FAIL" in shown
        terminal.replace(SOLVED)
        assert "File events" not in terminal.sees(SOLVED_LINE, PROMPT)


@pytest.mark.proof
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_terminal_is_put_back_whatever_ends_it(
    folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with watching(folder, "03") as terminal:
        terminal.sees(PROMPT, PROMPT)
        process = begins_endless_run(terminal, tmp_path / "process")
        terminal.process.kill(number)
        code, shown = terminal.ends()
        assert code == {signal.SIGINT: 130}.get(number, 128 + number)
        assert "Traceback" not in shown
        assert is_gone(process)


@pytest.mark.proof
@pytest.mark.parametrize("fork", ["", "--no-fork"])
def test_a_run_does_not_outlive_a_watch_that_was_killed(
    folder: Path, tmp_path: Path, fork: str
) -> None:
    with watching(folder, "03", *filter(None, [fork])) as terminal:
        terminal.sees(PROMPT, PROMPT)
        process = begins_endless_run(terminal, tmp_path / "process")
        terminal.process.kill(signal.SIGKILL)
        assert is_gone(process)


@pytest.mark.proof
def test_all_exercises_are_watched_when_none_is_named(folder: Path) -> None:
    (folder / "exercises" / "00" / "data.py").unlink()
    with watching(folder) as terminal:
        terminal.sees("exercises/00/data.py is missing")
        terminal.save(SOLVED)
        terminal.sees("exercises/03/head.py at", SOLVED_LINE, PROMPT)


@pytest.mark.proof
def test_without_a_keyboard_files_alone_are_watched(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", "03", "--clear"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("q")
    process.stdin.flush()
    shown = ""
    for line in process.stdout:
        shown += line
        if "6 not attempted" in line:
            (folder / "exercises" / "03" / "head.py").write_text(SOLVED, "utf-8")
        if SOLVED_LINE in line:
            break
    process.terminate()
    process.communicate()
    assert PROMPT not in shown
    assert "\x1b" not in shown


def test_an_unknown_exercise_is_one_line(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "grader", "watch", "42"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 2
    assert run.stderr.startswith("grader: there is no exercise '42'")


# ---------------------------------------------------------------------------- the parts


class FakeWorker:
    """Records the requests."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.begun = 0
        self.text = ""

    def run(self, exercise: Path, *, color: bool) -> None:
        self.calls.append(f"run {exercise.name}")

    def stop(self) -> None:
        self.calls.append("stop")

    def restart(self) -> None:
        self.calls.append("restart")

    def ended(self, event: Ended) -> bool:
        return event.run == 1

    def lost(self, event: Lost) -> bool:
        return event.process == 1

    def output(self, run: int) -> str:
        return self.text


@pytest.fixture
def course(folder: Path) -> Course:
    return find_course(folder)


def a_loop(course: Course, *, only: bool = True, keys: bool = True) -> tuple[Loop, FakeWorker]:
    worker = FakeWorker()
    root = course.root / "exercises"
    files = Files({n: root / n / e.file_name for n, e in course.exercises.items()})
    options = WatchOptions(forks=True, clear=False, next_hint=lambda number: f"a hint for {number}")
    loop = Loop(course, "03", options, files, worker, keys=keys, only=only)  # type: ignore[arg-type]
    return loop, worker


def changed(loop: Loop, number: str, text: str = "x = 1\n") -> Changed:
    path = loop.files.paths[number]
    path.write_text(text, "utf-8")
    return Changed(frozenset({path}))


def test_only_the_exercise_that_was_named_is_run(course: Course) -> None:
    loop, worker = a_loop(course, only=True)
    loop.handle(changed(loop, "05"))
    assert worker.calls == []
    loop.handle(changed(loop, "03"))
    assert worker.calls == ["run 03"]


def test_when_none_was_named_the_one_that_was_saved_is_run(course: Course) -> None:
    loop, worker = a_loop(course, only=False)
    loop.handle(changed(loop, "05"))
    loop.handle(Key("r"))
    assert worker.calls == ["run 05", "run 05"]


def test_an_event_without_a_change_runs_nothing(course: Course) -> None:
    loop, worker = a_loop(course)
    event = changed(loop, "03")
    loop.handle(event)
    loop.handle(event)
    assert worker.calls == ["run 03"]


def test_files_of_other_names_are_left_alone(course: Course) -> None:
    loop, worker = a_loop(course, only=False)
    loop.handle(Changed(frozenset({course.root / "exercises" / "03" / "head.py~"})))
    assert worker.calls == []


def test_keys(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    loop, worker = a_loop(course)
    loop.handle(Key("h"))
    assert "a hint for 03" in capsys.readouterr().out
    loop.handle(Key("N"))
    assert worker.calls == ["run 04"]
    loop.number = "08"
    loop.handle(Key("n"))
    assert "Exercise 08 is the last one." in capsys.readouterr().out
    loop.handle(Key("x"))
    assert not loop.over
    loop.handle(Key("q"))
    assert loop.over
    with pytest.raises(KeyboardInterrupt):
        loop.handle(Key("\x03"))


def test_a_run_that_is_out_of_date_says_nothing(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, _ = a_loop(course)
    loop.handle(Ended(run=7, code=1))
    assert capsys.readouterr().out == ""
    assert loop.passed


@pytest.mark.parametrize(("code", "passed"), [(0, True), (1, False), (4, False), (None, False)])
def test_only_a_run_that_came_to_its_end_can_pass(
    course: Course, capsys: pytest.CaptureFixture[str], code: int | None, passed: bool
) -> None:
    loop, worker = a_loop(course)
    worker.text = "the summary"
    loop.handle(Ended(run=1, code=code, how="signal 11"))
    assert loop.passed is passed
    shown = capsys.readouterr().out
    assert ("the summary" in shown) is (code is not None)
    assert ("signal 11" in shown) is (code is None)
    assert ("pytest exercises/03" in shown.replace(str(course.root) + os.sep, "")) is (
        code not in (0, 1)
    )


def test_a_run_that_takes_long_is_told_of_once(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, worker = a_loop(course)
    for _ in range(2 * LONG):
        loop.tick()
    assert capsys.readouterr().out == ""
    worker.begun = 1
    for _ in range(LONG - 1):
        loop.tick()
    assert capsys.readouterr().out == ""
    for _ in range(2 * LONG):
        loop.tick()
    assert capsys.readouterr().out.count("pytest ") == 1
    worker.begun = 2
    for _ in range(LONG):
        loop.tick()
    assert capsys.readouterr().out.count("pytest ") == 1


def test_a_warm_process_that_is_killed_is_replaced(course: Course) -> None:
    loop, worker = a_loop(course)
    loop.handle(Lost(process=7, was_ready=True, problem=""))
    assert worker.calls == []
    loop.handle(Lost(process=1, was_ready=True, problem=""))
    assert worker.calls == ["restart"]


def test_a_warm_process_that_does_not_start_is_the_kits_fault(course: Course) -> None:
    loop, _ = a_loop(course)
    with pytest.raises(KitError, match="no torch"):
        loop.handle(Lost(process=1, was_ready=False, problem="no torch"))


def test_a_change_that_no_event_told_of_is_found_by_looking(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, worker = a_loop(course)
    changed(loop, "03")
    loop.tick()  # its event may be on the way
    assert worker.calls == []
    loop.tick()
    assert worker.calls == ["run 03"]
    shown = capsys.readouterr().out
    assert "File events do not arrive" in shown
    assert "pytest " in shown
    changed(loop, "03", "y = 2222\n")
    loop.tick()  # from now on nothing is waited for
    assert worker.calls == ["run 03", "run 03"]
    assert "File events" not in capsys.readouterr().out


def test_a_late_event_does_not_count_as_a_lost_one(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, worker = a_loop(course)
    event = changed(loop, "03")
    loop.tick()
    loop.handle(event)
    loop.tick()
    loop.tick()
    assert worker.calls == ["run 03"]
    assert capsys.readouterr().out == ""


def test_a_system_that_refuses_events_is_told_of_and_done_without(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, worker = a_loop(course)
    loop.handle(NoEvents("OSError: no space for watches"))
    assert "no space for watches" in capsys.readouterr().out
    changed(loop, "03")
    loop.tick()
    assert worker.calls == ["run 03"]


def test_a_file_that_is_away_for_a_moment_is_not_deleted(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, worker = a_loop(course)
    path = loop.files.paths["03"]
    path.unlink()
    loop.handle(Changed(frozenset({path})))
    loop.handle(changed(loop, "03"))
    loop.tick()
    loop.tick()
    assert worker.calls == ["run 03"]
    assert capsys.readouterr().out == ""


def test_a_file_that_stays_away_is_told_of_once(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    loop, _ = a_loop(course)
    path = loop.files.paths["03"]
    path.unlink()
    loop.handle(Changed(frozenset({path})))
    for _ in range(5):
        loop.tick()
    assert capsys.readouterr().out.count("grader reset 03") == 1
    assert not loop.passed


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"def f(:\n    pass\n", 1),
        (b"x = 1\n  y = 2\n", 2),
        (b"x = '\xff'\n", 1),
        (b"x = '\x1b[2J\n", 1),
        (b"x = 1\n", None),
        (b"x = '\\d'\n", None),  # a warning, no error
        (b"", None),
    ],
)
def test_a_syntax_error_has_its_line(tmp_path: Path, content: bytes, line: int | None) -> None:
    path = tmp_path / "head.py"
    path.write_bytes(content)
    found = cannot_read(path)
    assert (found[0] if found else None) == line
    assert found is None or "\x1b" not in "".join(map(str, found))


def test_only_linux_forks() -> None:
    assert not can_fork("darwin")
    assert not can_fork("win32")
    assert can_fork("linux") == hasattr(os, "fork")


def test_events_of_the_system_are_told(tmp_path: Path) -> None:
    from grader.learner.watch.files import listen

    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    listen(tmp_path, events.put)
    path = tmp_path / "head.py"
    deadline = time.monotonic() + PATIENCE
    while True:  # the watch begins at some time after the call
        path.write_text(str(time.monotonic()), "utf-8")
        try:
            event = events.get(timeout=0.2)
        except queue.Empty:
            assert time.monotonic() < deadline
            continue
        assert isinstance(event, Changed)
        if path in event.paths:
            return


def test_a_folder_that_cannot_be_watched_is_told_of(tmp_path: Path) -> None:
    from grader.learner.watch.files import listen

    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    listen(tmp_path / "nowhere", events.put)
    assert isinstance(events.get(timeout=PATIENCE), NoEvents)
