"""Hostile and broken submissions, graded beside honest neighbours by the real `grader grade`.

None may earn undeserved points, and each must prove that its payload ran: see `hostile.py`.
"""

import ctypes
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import yaml

from grader.sandbox.layers import find_mode
from tests.support.corpus import ROOT, solution
from tests.support.hostile import Attack, attack_of, attacks

pytestmark = pytest.mark.skipif(
    not find_mode().safe, reason="this system offers no isolation (see `grader doctor`)"
)
LIMITS = {
    "cpu_seconds": 3,
    "memory_mib": 512,
    "scratch_mib": 8,
    "scratch_files": 50,
    "output_kib": 8,
    "processes": 32,
}
NEIGHBOURS = ("a neighbour", "attack m neighbour", "z neighbour")  # first, in the middle, last
MOST_MEMORY = 2 << 30  # of each process of the judge; half of it are torch and the checks
MOST_TEXT = 20_000  # of one message in the results
QUICK = (
    *("exit_in_a_call", "fork_bomb", "forged_replies", "malformed_frames", "memorised_then_gone"),
    *("network", "patched_comparisons", "read_checks", "read_solutions", "signals_by_files"),
    *("deep_folders", "tell_hidden_inputs", "write_descriptors", "labels_in_memory"),
)
NOBODY = 65_534
SUBREAPER = 36  # prctl(2)
CACHES = {f"torchinductor_{name}" for name in ("root", "nobody")}  # torch makes it on import


def small_course(folder: Path) -> Path:
    """The course with small limits."""
    content = yaml.safe_load((ROOT / "course.yaml").read_text("utf-8"))
    for exercise in content["exercises"].values():
        exercise["limits"] = LIMITS
    folder.mkdir()
    (folder / "course.yaml").write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    (folder / "exercises").symlink_to(ROOT / "exercises")
    return folder


@dataclass(frozen=True)
class Way:
    """A way to run a grading: in which mode, and as whom."""

    name: str
    fallback: bool = False
    ordinary: bool = False

    def python(self) -> list[str]:
        """The interpreter, as an ordinary user if need be."""
        if not self.ordinary or os.geteuid() != 0:
            return [sys.executable]
        return [
            *("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"),
            str(_python_for_all()),
        ]

    def command(self, course: Path, submitted: Path, out: Path, witness: Path) -> list[str]:
        """The whole command line."""
        watched = [*self.python(), "-m", "tests.support.grade_with_witness", str(witness)]
        if self.fallback:
            return [*watched, "tests.support.grade_in_mode", *map(str, (course, submitted, out))]
        options = ["--out", str(out), "--course", str(course)]
        return [*watched, "grader", "grade", str(submitted), *options]

    def __str__(self) -> str:
        return self.name


def _python_for_all() -> Path | None:
    """A Python of this version that every user can run (this one may lie in root's home)."""
    name = f"python3.{sys.version_info.minor}"
    found = [
        Path(sys.executable).resolve(),
        *(Path(p, name) for p in ("/usr/bin", "/usr/local/bin")),
    ]
    for path in found:
        if path.exists() and all(p.stat().st_mode & 0o005 == 0o005 for p in path.parents):
            return path
    return None


WAYS = [
    Way("as_it_comes"),
    Way("fallback", fallback=True),
    Way("ordinary_user", ordinary=True),
    Way("ordinary_user_fallback", fallback=True, ordinary=True),
]


@dataclass(frozen=True)
class Grading:
    """What a grading printed, used and left behind, and what the submissions printed."""

    code: int
    printed: str
    printed_inside: bytes
    results: dict[tuple[str, str], dict]
    text: str
    memory: int
    left_files: list[str]
    left_processes: list[int]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user can reach and write to, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="attacks-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def run_grading(way: Way, place: Path, hand_in: Callable[[Path], None]) -> Grading:
    """Grade once, watching the memory of the judge's processes and what is left afterwards."""
    submitted, out = place / "submitted", place / "out"
    temporary, witness = place / "tmp", place / "witness"
    for folder in (submitted, out, temporary, witness):
        folder.mkdir()
        folder.chmod(0o777)
    hand_in(submitted)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(torch.__file__).parents[1])]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(temporary),
        "HOME": str(temporary),
        "COLUMNS": "120",
        "SECRET_OF_THE_JUDGE": "here",
    }
    ctypes.CDLL(None).prctl(SUBREAPER, 1)  # orphans of the grading become this process's children
    before = _children(os.getpid())
    log = place / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            way.command(small_course(place / "course"), submitted, out, witness),
            **{"cwd": ROOT, "env": environment, "stdout": file, "stderr": subprocess.STDOUT},
        )
        memory = 0
        end = time.monotonic() + 1800
        while process.poll() is None and time.monotonic() < end:
            memory = max(memory, *map(_peak, (process.pid, *_children(process.pid))))
            time.sleep(0.1)
    process.kill()
    code = process.wait()
    left = [child for child in _children(os.getpid()) - before if not _is_over(child)]
    for child in left:
        os.kill(child, signal.SIGKILL)
    files = [path.name for path in temporary.iterdir() if path.name not in CACHES]
    printed = log.read_bytes().decode()
    inside = b"".join(path.read_bytes() for path in witness.iterdir())
    path = out / "results.json"
    text = path.read_text("utf-8") if path.exists() else pytest.fail(printed)
    content = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the results"))
    found = {(s["student"], s["exercise"]): s for s in content["submissions"]}
    return Grading(code, printed, inside, found, text, memory, files, left)


def _children(parent: int) -> set[int]:
    """The processes that a process has started, and the orphans that it has adopted."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.add(int(path.parent.name))
    return found


def _is_over(child: int) -> bool:
    """Whether an orphan has ended, or does so within a moment."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0] == child:
            return True
        time.sleep(0.05)
    return False


def _peak(process: int) -> int:
    """The most memory that a process ever had, in bytes."""
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return 0
    rows = [row.split() for row in status.splitlines() if row.startswith("VmHWM")]
    return int(rows[0][1]) << 10 if rows else 0


def grade_attacks(way: Way, place: Path, chosen: Sequence[Attack]) -> dict[str, list[str]]:
    """Grade a class of attacks and neighbours, and expect that no attack gained anything.

    Returns:
        The labels of the payloads that did not run, by the attack's name.
    """

    def hand_in(submitted: Path) -> None:
        for name in NEIGHBOURS:
            write(submitted / name / "03" / "head.py", solution("03").text)
        for attack in chosen:
            file_name = f"{stub_module(attack.exercise)}.py"
            write(submitted / f"attack {attack.name}" / attack.exercise / file_name, attack.text)

    grading = run_grading(way, place, hand_in)
    expect_sound(grading)
    assert grading.code == (0 if way.fallback else 2), grading.printed  # some cannot be loaded
    neighbours = [grading.results[name, "03"] for name in NEIGHBOURS]
    assert [n["score"] for n in neighbours] == [10, 10, 10], neighbours
    assert neighbours[0]["checks"] == neighbours[1]["checks"] == neighbours[2]["checks"]
    scores = {a: grading.results[f"attack {a.name}", a.exercise]["score"] for a in chosen}
    won = {attack.name: score for attack, score in scores.items() if score > attack.most}
    assert not won
    left_out = {a.name: a.left_out(grading.printed_inside) for a in chosen}
    return {name: labels for name, labels in left_out.items() if labels}


def expect_sound(grading: Grading) -> None:
    """Expect a complete grading, within its limits, with nothing left behind."""
    assert "Traceback" not in grading.printed
    assert all(c.isprintable() or c == "\n" for c in grading.printed)
    assert not grading.left_processes
    assert not grading.left_files
    assert grading.memory < MOST_MEMORY, f"{grading.memory >> 20} MiB"
    assert "LEAK" not in hidden_messages(grading)
    for result in grading.results.values():
        assert math.isfinite(result["score"])
        assert 0 <= result["score"] <= result["max_score"]
        assert result["pending"] == 0, result
        assert len(result["problem"]) < MOST_TEXT
        assert all(len(check["message"]) < MOST_TEXT for check in result["checks"])


def hidden_messages(grading: Grading) -> str:
    checks = [check for result in grading.results.values() for check in result["checks"]]
    return "\n".join(check["message"] for check in checks if check["hidden"])


def stub_module(number: str) -> str:
    return next((ROOT / "exercises" / number).glob("test_*.py")).stem.removeprefix("test_")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")


def test_every_attack_says_what_it_disproves() -> None:
    found = list(attacks())
    assert len(found) >= 40
    for attack in found:
        assert "A submission cannot " in attack.text


IN_VAIN = """
import sys

sys.modules["grader.there_is_no_such_module"].do_call = lambda *request: payload_ran()
"""
HALF_DONE = '''"""Two payloads, one of them in a function that no check calls.

Runs: first, second
"""

payload_ran("first")


def called_by_no_check(model):
    payload_ran("second")
'''


def test_a_sample_gains_nothing_and_payloads_that_did_not_run_are_reported(place: Path) -> None:
    idle = [attack_of("in vain", IN_VAIN), attack_of("half done", HALF_DONE)]
    left_out = grade_attacks(WAYS[0], place, [*attacks(QUICK), *idle])
    assert left_out == {"in vain": [""], "half done": ["second"]}


@pytest.mark.proof
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_all(way: Way, place: Path) -> None:
    if way.ordinary and os.geteuid() == 0 and _python_for_all() is None:
        pytest.skip("no Python that an ordinary user could run")
    assert grade_attacks(way, place, list(attacks())) == {}


SHADOWS = ("torch.py", "conftest.py", "sitecustomize.py", "json.py", "grader/__init__.py")


def hand_in_folders(submitted: Path) -> None:
    """Folders and files that are not what they seem."""
    right, out_of_reach = solution("03").text, submitted.parent / "outside.py"
    out_of_reach.write_text(right, "utf-8")
    for name in ("a neighbour", *STRANGE_NAMES):
        write(submitted / name / "03" / "head.py", right)
    write(submitted / "shadows" / "03" / "head.py", right)
    for name in SHADOWS:
        path = submitted / "shadows" / "03" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("raise SystemExit('this was imported')", "utf-8")
    folders = {name: submitted / name / "03" for name in ODD}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["link"] / "head.py").symlink_to(out_of_reach)
    (folders["loop"] / "head.py").symlink_to("head.py")
    os.mkfifo(folders["pipe"] / "head.py")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(folders["socket"])
        server.bind("head.py")
        os.chdir(ROOT)
    with (folders["sparse"] / "head.py").open("wb") as file:
        file.truncate(1 << 40)
    (folders["empty"] / "head.py").touch()
    (folders["binary"] / "head.py").write_bytes(bytes(range(256)) * 100)
    (folders["names"] / "=1+1\x1b[31m<b>\n\udcff.py").touch()
    os.link(submitted / "shadows" / "03" / "head.py", folders["hard link"] / "head.py")
    folders["linked folder"].rmdir()
    folders["linked folder"].symlink_to(submitted / "a neighbour" / "03")


STRANGE_NAMES = (
    "=cmd|' C'!A0",
    "<script>alert(1)<",
    "\x1b[31mred\x07",
    "\u202egnp",
    "\udcff\udcfe",
)
ODD = {
    **dict.fromkeys(("link", "loop", "pipe", "socket", "sparse", "names"), "missing"),
    **dict.fromkeys(("empty", "binary", "hard link"), "graded"),
    "linked folder": "",
}


@pytest.mark.proof
def test_folders_that_are_not_what_they_seem(place: Path) -> None:
    grading = run_grading(WAYS[0], place, hand_in_folders)
    expect_sound(grading)
    assert grading.code == 2
    for name in ("a neighbour", "shadows", "hard link", *STRANGE_NAMES):
        assert grading.results[name, "03"]["score"] == 10
    for name, status in ODD.items():
        found = grading.results.get((name, "03"), {"status": "", "score": 0})
        assert found["status"] == status
        assert found["score"] == (10 if name == "hard link" else 0)
