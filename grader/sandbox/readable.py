"""What a runner may read: Python, its libraries, and of the kit an allow-list of rooms.

A list of what to hide would forget the next file that holds a secret. So it is the other way round:
the judge, the class and the hidden checks are out of reach because nothing here names them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import torch

from grader.common.fingerprint import KIT

ROOMS: Final = (
    *("__init__.py", "jupyter.py", "common", "protocol", "materials", "runner"),
    *("learner/__init__.py", "learner/figures"),
    # The child's side of the sandbox, in which the server forks and locks down.
    *("sandbox/__init__.py", "sandbox/frames.py", "sandbox/kernel.py", "sandbox/lockdown.py"),
    "sandbox/server.py",
)
SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")


def rooms() -> list[Path]:
    """The files and folders of the kit that runners may read."""
    return [KIT.resolve() / name for name in ROOMS]


def hidden() -> list[Path]:
    """What lies among Python's libraries where the kit is installed there, and stays unread.

    The whole kit, but for its rooms, and the solutions, which may lie beside it.
    """
    return [KIT.resolve(), KIT.resolve().parent / "solutions"]


def site() -> Path:
    """The folder of the packages that the kit uses."""
    return Path(torch.__file__).resolve().parent.parent


def libraries() -> list[Path]:
    """What Python and its libraries need."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    places = {Path(prefix).resolve() for prefix in prefixes}
    return sorted({*places, site(), *map(Path, SYSTEM)})


def readable_paths() -> list[Path]:
    """All that a runner may read, without what is hidden in between."""
    return [path for root in libraries() for path in _without(root, hidden())] + rooms()


def _without(root: Path, secrets: list[Path]) -> Iterator[Path]:
    """`root` without the secrets: a folder that holds one is replaced by its other entries."""
    if root in secrets:
        return
    if any(secret.is_relative_to(root) for secret in secrets):
        for entry in sorted(root.iterdir()):
            yield from _without(entry, secrets)
    else:
        yield root
