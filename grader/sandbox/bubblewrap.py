"""Builds the bubblewrap command line that starts the fork server."""

import shutil
from itertools import chain
from pathlib import Path

from grader.sandbox.layers import Mode
from grader.sandbox.lockdown import SCRATCH
from grader.sandbox.readable import hidden, libraries, rooms


def wrapper(mode: Mode) -> list[str]:
    """The bubblewrap command to prefix to the server's (https://github.com/containers/bubblewrap).

    It is empty when the mode has no namespaces.
    """
    if not mode.namespaces:
        return []
    program = shutil.which("bwrap") or "bwrap"
    if mode.user is None:
        rights = ["--unshare-all", "--uid", "0", "--gid", "0"]
        rights += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"]
    else:
        rights = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options = [*rights, "--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "1777", "--tmpfs", "/tmp", "--perms", "0755", "--dir", SCRATCH]
    for device in mode.devices:
        options += ["--dev-bind", device, device]
    if mode.devices:
        options += ["--ro-bind", "/sys", "/sys"]
    for path in libraries():
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            options += _shown(path)
    for path in hidden():
        if any(path.is_relative_to(root) for root in libraries()):
            options += ["--perms", "0755", "--tmpfs", str(path)]
    for path in rooms():
        options += _shown(path)
    return [program, *options]


def _shown(path: Path) -> list[str]:
    """Options that make a file or folder visible read-only; every user may enter its parents."""
    parents = [["--perms", "0755", "--dir", str(p)] for p in reversed(path.parents[:-1])]
    return [*chain(*parents), "--ro-bind", str(path), str(path)]
