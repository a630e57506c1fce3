"""Gradings whose processes are killed, some or all, at random moments lose nothing."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.sandbox.layers import find_mode
from tests.support.corpus import ROOT, solution, stub

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(
        not find_mode().safe, reason="this system offers no isolation (see `grader doctor`)"
    ),
]
CRASHES = "\n\ndef mlp_head(*arguments, **options):\n    import os\n    os.abort()\n"
MISTAKEN = "\n\ndef find_head(model):\n    return 'fc'\n"
VICTIMS = ("worker", "server", "runner", "grading")
RUNS = 60


@dataclass(frozen=True)
class Undisturbed:
    """A class, the results of an undisturbed grading, and how long that took, in seconds."""

    submitted: Path
    grading: str
    results: bytes
    code: int
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("class")
    right = solution("03").text
    texts = [right, right + MISTAKEN, stub("03").text, "def f(:\n", right + CRASHES, f"{right}\n#"]
    for number, text in enumerate(texts):
        path = folder / "submitted" / f"student {number}" / "03" / "head.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    begin = time.monotonic()
    process = started(folder / "submitted", folder / "out")
    process.wait(300)
    seconds = time.monotonic() - begin
    return Undisturbed(
        folder / "submitted",
        (folder / "out" / "grading.json").read_text("utf-8"),
        (folder / "out" / "results.json").read_bytes(),
        process.returncode,
        seconds,
    )


def started(submitted: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """A grading that has just begun, its temporary files beside its output."""
    temporary = out.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "grader", "grade", submitted, "--out", out, *options]
    return subprocess.Popen(
        [*map(str, command)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=(out.parent / "errors").open("wb"),
        start_new_session=True,
        # A shell's background job ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def processes() -> Iterator[tuple[int, int, str]]:
    """Every process: its number, its parent's, its command line."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if fields[0] != "Z":
            yield int(path.name), int(fields[1]), command


def family(grading: int) -> dict[str, list[int]]:
    """The processes of a grading, by their role."""
    known = {grading: "grading"}
    left = list(processes())
    while True:
        found = {p: _role(known[q], command) for p, q, command in left if q in known}
        found = {process: role for process, role in found.items() if process not in known}
        if not found:
            break
        known |= found
    return {role: [p for p, r in known.items() if r == role] for role in set(known.values())}


def _role(parent: str, command: str) -> str:
    if parent == "grading":
        return "worker" if "spawn_main" in command else "tracker"
    if parent in ("server", "runner") and "bwrap" not in command:
        return "runner" if parent == "server" else "of a runner"
    return "wrapper" if command.startswith(("bwrap", "/usr/bin/bwrap")) else "server"


def prepared(undisturbed: Undisturbed, folder: Path) -> Path:
    """An output folder with the seed of the undisturbed grading."""
    out = folder / "out"
    out.mkdir()
    (out / "grading.json").write_text(undisturbed.grading, "utf-8")
    return out


def expect_the_same(undisturbed: Undisturbed, out: Path, code: int) -> None:
    errors = (out.parent / "errors").read_text("utf-8")
    assert "Traceback" not in errors
    assert code == undisturbed.code, errors
    assert (out / "results.json").read_bytes() == undisturbed.results
    left = [entry.name for entry in (out.parent / "tmp").iterdir()]
    assert [name for name in left if "torchinductor" not in name] == []


def expect_gone(members: dict[str, list[int]]) -> None:
    """Expect that within a moment none of the processes is left."""
    numbers = {number for role in members.values() for number in role}
    end = time.monotonic() + 20
    while left := numbers & {number for number, _, _ in processes()}:
        assert time.monotonic() < end, {r: set(m) & left for r, m in members.items()}
        time.sleep(0.05)


@pytest.mark.parametrize("number", range(RUNS))
def test_killed_at_a_random_moment(number: int, undisturbed: Undisturbed, tmp_path: Path) -> None:
    chance = random.Random(number)
    victim = VICTIMS[number % len(VICTIMS)]
    out = prepared(undisturbed, tmp_path)
    process = started(undisturbed.submitted, out, "--jobs", str(chance.choice([1, 2, 3])))
    end = time.monotonic() + chance.uniform(0.2, 1.1) * undisturbed.seconds
    while process.poll() is None and (
        time.monotonic() < end or not family(process.pid).get(victim)
    ):
        time.sleep(0.01)
    members = family(process.pid)
    chosen = members.get(victim, [])
    if process.poll() is None and chosen:
        os.kill(chance.choice(chosen), signal.SIGKILL)
    code = process.wait(300)
    if victim == "grading":
        expect_gone(members)
        code = started(undisturbed.submitted, out).wait(300)
    expect_the_same(undisturbed, out, code)


def test_interrupted_and_resumed(undisturbed: Undisturbed, tmp_path: Path) -> None:
    out = prepared(undisturbed, tmp_path)
    process = started(undisturbed.submitted, out)
    while not family(process.pid).get("runner"):
        time.sleep(0.02)
    members = family(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    errors = (tmp_path / "errors").read_text("utf-8")
    assert errors == "grader: stopped; run the same command again to resume\n"
    expect_gone(members)
    expect_the_same(undisturbed, out, started(undisturbed.submitted, out).wait(300))


def test_any_number_of_workers_gives_the_same_bytes(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    for jobs in ("1", "8"):
        folder = tmp_path / jobs
        folder.mkdir()
        out = prepared(undisturbed, folder)
        code = started(undisturbed.submitted, out, "--jobs", jobs).wait(300)
        expect_the_same(undisturbed, out, code)


def test_a_second_grading_of_the_folder_stops(undisturbed: Undisturbed, tmp_path: Path) -> None:
    out = prepared(undisturbed, tmp_path)
    first = started(undisturbed.submitted, out)
    while not (out / "journal.db-wal").exists():
        time.sleep(0.02)
    (tmp_path / "second").mkdir()
    second = subprocess.run(
        [sys.executable, "-m", "grader", "grade", undisturbed.submitted, "--out", out],
        **{"cwd": ROOT, "capture_output": True, "text": True, "timeout": 60},
    )
    assert second.returncode == 2
    assert second.stderr.startswith(f"grader: another grading writes to {out}")
    assert len(second.stderr.splitlines()) == 1
    expect_the_same(undisturbed, out, first.wait(300))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing(undisturbed: Undisturbed, small_disk: Path) -> None:
    out = prepared(undisturbed, small_disk)
    stuffing = small_disk / "stuffing"
    for free in (0, 20, 60):  # KiB: at each another step finds the disk full
        with stuffing.open("wb", buffering=0) as file:
            while shutil.disk_usage(small_disk).free > free << 10:
                file.write(bytes(4096))
        code, errors = graded_elsewhere(undisturbed.submitted, out)
        assert code == 2
        assert len(errors.strip().splitlines()) == 1, errors
        assert str(out) in errors
        assert not (out / "results.json").exists()
    stuffing.unlink()
    code, _ = graded_elsewhere(undisturbed.submitted, out)
    assert code == undisturbed.code
    assert (out / "results.json").read_bytes() == undisturbed.results


def graded_elsewhere(submitted: Path, out: Path) -> tuple[int, str]:
    """Grade with temporary files on another disk; the exit code, and what was said."""
    run = subprocess.run(
        [sys.executable, "-m", "grader", "grade", submitted, "--out", out],
        **{"cwd": ROOT, "capture_output": True, "text": True, "timeout": 300},
    )
    return run.returncode, run.stderr


JUMPING_CLOCK = """
import random, time
real, chance = time.time, random.Random(1)
time.time = lambda: real() + chance.choice([-1e6, 0.0, 1e6])
"""


def test_a_clock_that_jumps(
    undisturbed: Undisturbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(JUMPING_CLOCK, "utf-8")
    paths = [str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    out = prepared(undisturbed, tmp_path)
    expect_the_same(undisturbed, out, started(undisturbed.submitted, out).wait(300))


NAMES = ("Änne Müller", "🎓 emoji", "-dash", "--help", "x" * 255, "ä" * 127, "a'b\"c`d$e")


def test_names_and_folders_of_every_kind(undisturbed: Undisturbed, tmp_path: Path) -> None:
    submitted = tmp_path / "submitted"
    for name in NAMES:
        (submitted / name / "03").mkdir(parents=True)
        (submitted / name / "03" / "head.py").write_text(stub("03").text, "utf-8")
    for number in range(10_000):
        (submitted / NAMES[0] / "03" / f"{number}.txt").touch()
    out = prepared(undisturbed, tmp_path)
    assert started(submitted, out).wait(300) == 0
    content = json.loads((out / "results.json").read_text("utf-8"))
    assert [s["student"] for s in content["submissions"]] == sorted(NAMES)
    assert {s["status"] for s in content["submissions"]} == {"not_attempted"}
