"""Calls, through ctypes, kernel interfaces that have no maintained Python binding.

Landlock   https://docs.kernel.org/userspace-api/landlock.html
prctl      https://man7.org/linux/man-pages/man2/prctl.2.html
capset     https://man7.org/linux/man-pages/man2/capset.2.html
unshare    https://man7.org/linux/man-pages/man2/unshare.2.html
setns      https://man7.org/linux/man-pages/man2/setns.2.html
mount      https://man7.org/linux/man-pages/man2/mount.2.html
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

NEW_MOUNTS: Final = 0x00020000
NEW_IPC: Final = 0x08000000
NEW_PIDS: Final = 0x20000000
NEW_NETWORK: Final = 0x40000000

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND = 0x1, 0x20, 0x1000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAPABILITY_VERSION_3, _LAST_CAPABILITY = 0x20080522, 63
# These numbers are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH, _VERSION_FLAG = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15  # the latter: ioctl calls on devices
# The number of file access rights that each version of Landlock knows, and so can deny.
_KNOWN_ACCESSES: Final = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_KNOWN: Final = 16
_TCP_BIND_AND_CONNECT, _SCOPE_SOCKETS_AND_SIGNALS = 3, 3


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Move this process to new namespaces of the kinds in `flags`."""
    _checked(_libc().unshare(flags), "unshare")


def join_pids(namespace: int) -> None:
    """Start later children in the PID namespace that a file descriptor refers to."""
    _checked(_libc().setns(namespace, NEW_PIDS), "setns")


def make_mounts_private() -> None:
    """Keep later mounts within this mount namespace."""
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE, "")


def mount_scratch(folder: str, size: int, files: int) -> None:
    """Mount an empty tmpfs on a folder, for at most `size` bytes and `files` files."""
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    _mount("tmpfs", folder, "tmpfs", flags, f"size={size},nr_inodes={files},mode=1777")


def make_read_only(folder: str) -> None:
    """Make the mount at a folder read-only within this mount namespace."""
    flags = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV
    _mount("none", folder, "", flags, "")


def _mount(source: str, target: str, kind: str, flags: int, data: str) -> None:
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags))
    _checked(_libc().mount(*arguments, data.encode()), f"mount {target}")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def hide_memory() -> None:
    """Prevent other processes of the same user from reading this one's memory."""
    _prctl(_PR_SET_DUMPABLE, 0)


def show_files() -> None:
    """Undo `hide_memory`, so that the server, with the same user, can see this one's open files."""
    _prctl(_PR_SET_DUMPABLE, 1)


def no_new_privileges() -> None:
    """Set no_new_privs: from now on, running a program can grant no further privileges."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability permanently."""
    drop_bounding_set()
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    _checked(_libc().capset(header, struct.pack("<6I", *[0] * 6)), "capset")


def drop_bounding_set() -> None:
    """Empty the capability bounding set, so that no capability can be regained."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            return  # this kernel has no further capabilities, or this process may not drop them


def _prctl(option: int, value: int) -> None:
    arguments = [ctypes.c_ulong(number) for number in (option, value, 0, 0, 0)]
    _checked(_libc().prctl(*arguments), f"prctl {option}")


def landlock_version() -> int:
    """The version of Landlock that the kernel offers; 0 when there is none."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)))


def restrict_files(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Restrict this process by Landlock to some readable and some writable paths.

    Where the kernel's version allows it, TCP and signals to other processes are denied as well.

    Args:
        readable: files and folders that can be read but not changed. Missing ones are ignored.
        writable: folders, in which no program can be run and no device created, and devices.
    """
    version = landlock_version()
    known = (1 << _KNOWN_ACCESSES.get(version, _ALL_KNOWN)) - 1
    attributes = struct.pack("<Q", known)
    attributes += struct.pack("<Q", _TCP_BIND_AND_CONNECT) if version >= 4 else b""
    attributes += struct.pack("<Q", _SCOPE_SOCKETS_AND_SIGNALS) if version >= 6 else b""
    size = ctypes.c_size_t(len(attributes))
    ruleset = _checked(_libc().syscall(_CREATE_RULESET, attributes, size, 0), "landlock")
    write = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
    write |= _IOCTL_DEV
    read = _READ_FILE | _READ_DIR
    for path in readable:
        _allow(ruleset, path, (read | _EXECUTE) & known)
    for path in writable:
        _allow(ruleset, path, (read | write) & known)
    _checked(_libc().syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: Path, accesses: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not path.is_dir():
        accesses &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
    rule = struct.pack("<Qi", accesses, descriptor)
    result = _libc().syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    os.close(descriptor)
    _checked(result, f"landlock {path}")
