"""The bubblewrap command line around the fork server, and what runners may read."""

import shutil
import sys
from pathlib import Path

import torch

from grader.common.fingerprint import HIDDEN_CHECKS, KIT
from grader.sandbox.layers import Mode
from grader.sandbox.lockdown import SCRATCH


def wrapper(mode: Mode) -> list[str]:
    """The bubblewrap command line around the server (https://github.com/containers/bubblewrap)."""
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
    for path in roots():
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            for parent in reversed(path.parents[:-1]):
                options += ["--perms", "0755", "--dir", str(parent)]
            options += ["--ro-bind", str(path), str(path)]
    for path in secret_paths():
        if any(path.is_relative_to(root) for root in roots()):
            options += ["--tmpfs", str(path)]
    return [program, *options]


def secret_paths() -> list[Path]:
    """What no submission may read, wherever the kit is installed: solutions may lie beside it."""
    return [HIDDEN_CHECKS.resolve(), KIT.resolve().parent / "solutions"]


def site() -> Path:
    """The folder of the packages that the kit uses."""
    return Path(torch.__file__).resolve().parent.parent


def roots() -> list[Path]:
    """What Python, its libraries and the runner's own code need."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    places = [Path(prefix).resolve() for prefix in prefixes]
    places += [site(), KIT.resolve()]
    system = [
        Path(name) for name in ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")
    ]
    return sorted({*places, *system})
