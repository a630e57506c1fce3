"""The files that a runner may read: Python, its libraries, and an allow-list of the kit's rooms.

A deny-list would miss the next file with a secret. With an allow-list, the judge, the class and the
hidden checks are out of reach because they are not listed here.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import torch

from grader.common.fingerprint import KIT

ROOMS: Final = (
    *("__init__.py", "jupyter.py", "common", "protocol", "materials", "runner"),
    *("learner/__init__.py", "learner/figures"),
    # The server's side of the sandbox, which forks runners and locks them down.
    *("sandbox/__init__.py", "sandbox/frames.py", "sandbox/kernel.py", "sandbox/lockdown.py"),
    "sandbox/server.py",
)
SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")


def rooms() -> list[Path]:
    """The files and folders of the kit that runners may read."""
    return [KIT.resolve() / name for name in ROOMS]


def hidden() -> list[Path]:
    """Paths to hide that may be inside Python's library folders, when the kit is installed there.

    These are the kit itself, except for its readable rooms, and the solutions beside it.
    """
    return [KIT.resolve(), KIT.resolve().parent / "solutions"]


def site() -> Path:
    """The folder in which the packages that the kit uses are installed."""
    return Path(torch.__file__).resolve().parent.parent


def libraries() -> list[Path]:
    """The folders and files that Python and its libraries need."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    places = {Path(prefix).resolve() for prefix in prefixes}
    return sorted({*places, site(), *map(Path, SYSTEM)})


def readable_paths() -> list[Path]:
    """All that a runner may read, without the hidden parts in between."""
    seen: set[Path] = set()
    return [path for root in libraries() for path in _without(root, hidden(), seen)] + rooms()


def _without(root: Path, secrets: list[Path], seen: set[Path]) -> Iterator[Path]:
    """`root` without the secrets: a folder that contains one is replaced by its other entries.

    Symbolic links are followed first: `lib64` of a virtual environment leads to the same secrets as
    `lib`, and a link may lead back to a folder above it.

    Args:
        root: a file or a folder.
        secrets: the paths to leave out, without symbolic links in them.
        seen: the folders that were replaced already.
    """
    real = Path(os.path.realpath(root))
    if not any(secret.is_relative_to(real) for secret in secrets):
        if not any(real.is_relative_to(secret) for secret in secrets):
            yield real
    elif real not in seen and real not in secrets:
        seen.add(real)
        for entry in sorted(real.iterdir()):
            yield from _without(entry, secrets, seen)
