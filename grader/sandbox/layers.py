"""The layers of isolation: which of them this system offers, and what each one stops."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from grader.common.terminal import wrapped
from grader.sandbox import kernel, lockdown

ISOLATION: Final = "Isolation of submissions when a class is graded:"
WITH_GPU: Final = (
    "a check that needs a GPU may use the driver's devices and a local socket that cannot be "
    "connected, and its address space is not limited; its memory use is monitored instead"
)
WITHOUT_GPU: Final = "there is no NVIDIA device; checks that need one stay pending"
NOBODY: Final = 65_534  # a placeholder: each sandbox chooses a user id of its own


@dataclass(frozen=True)
class Layer:
    """One layer of isolation.

    Attributes:
        name: the layer's name.
        active: whether it is applied on this system.
        why: where it is not active, the reason and the remedy.
        stops: what the layer prevents.
    """

    name: str
    active: bool
    why: str
    stops: str


@dataclass(frozen=True)
class Mode:
    """How runners are locked down.

    Attributes:
        namespaces: whether the server runs in bubblewrap, and each runner in its own namespaces.
        user: the user id that runners change to (None: they keep the server's).
        landlock: whether the kernel offers Landlock.
        seccomp: whether libseccomp is available.
        devices: the GPU driver's devices, for runners with a GPU; Landlock denies them to others.
    """

    namespaces: bool
    user: int | None
    landlock: bool
    seccomp: bool
    devices: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether files, processes and the network are out of a submission's reach."""
        return self.seccomp and (self.namespaces or self.landlock)


@cache
def find_mode() -> Mode:
    """The strongest mode that this system allows."""
    if sys.platform != "linux":
        return Mode(namespaces=False, user=None, landlock=False, seccomp=False)
    namespaces = not _why_no_namespaces()
    landlock = kernel.landlock_version() > 0
    devices = [str(p) for p in sorted(Path("/dev").glob("nvidia*")) if p.is_char_device()]
    return Mode(
        namespaces=namespaces,
        user=None if _why_no_other_user(namespaces) else NOBODY,
        landlock=landlock,
        seccomp=not _why_no_seccomp(),
        devices=tuple(devices) if landlock else (),
    )


def find_layers(mode: Mode) -> list[Layer]:
    """All layers, with their state in a mode."""
    if sys.platform != "linux":
        why = f"the sandbox needs Linux, and this is {sys.platform}"
        return [Layer("sandbox", False, why, "everything that a hostile submission may try")]
    no_user = "" if mode.user is not None else _why_no_other_user(mode.namespaces)
    no_landlock = "" if mode.landlock else "the kernel has no Landlock (Linux 5.13 or newer has)"
    rows = [
        (
            "namespaces",
            "" if mode.namespaces else _why_no_namespaces() or "left out",
            "seeing other processes, files and the network",
        ),
        (
            "Landlock",
            no_landlock,
            "opening any file except in Python's libraries and a scratch folder",
        ),
        ("seccomp", _why_no_seccomp(), "new processes, sockets, ptrace, signals to others"),
        ("another user", no_user, "reading or signalling what belongs to you"),
        ("rlimits", "", "eating memory, file handles and disk"),
        ("no new privileges", "", "gaining rights through setuid programs"),
    ]
    return [Layer(name, not why, why, stops) for name, why, stops in rows]


def in_words(mode: Mode) -> Iterator[str]:
    """Lines for a terminal that list the layers, their state, and what each one stops."""
    yield ""
    yield ISOLATION
    space = " " * 15
    for layer in find_layers(mode):
        state = "active" if layer.active else "not available"
        yield from wrapped(f"{layer.name}: stops {layer.stops}", f"{state:<15}", space)
        yield from wrapped(layer.why, space, space)
    yield from wrapped(WITH_GPU if mode.devices else WITHOUT_GPU, f"{'GPU':<15}", space)


def _why_no_other_user(namespaces: bool) -> str:
    """Why runners keep the server's user; empty when they can change to another one."""
    if os.geteuid() != 0:
        return "only root can change to another user"
    if not namespaces and not all(_open_to_all(Path(p)) for p in (sys.prefix, sys.base_prefix)):
        return f"another user could not read Python's libraries in {sys.base_prefix}"
    return ""


def _open_to_all(path: Path) -> bool:
    """Whether every user may enter a folder and all its parents."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


@cache
def _why_no_namespaces() -> str:
    """Why bubblewrap cannot be used here; empty when it can."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed: install your system's package `bubblewrap`"
    command = [program, "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"]
    if os.geteuid() != 0:
        command.insert(1, "--unshare-user")
    run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if run.returncode == 0:
        return ""
    said = run.stderr.strip().splitlines()[-1:] or ["it gives no reason"]
    return f"bubblewrap cannot make namespaces: {said[0]}"


def _why_no_seccomp() -> str:
    if not lockdown.can_filter_calls():
        return "libseccomp is missing: install `libseccomp2` and the Python package `pyseccomp`"
    return ""
