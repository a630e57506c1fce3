"""Locks down a freshly forked runner before it receives the submission."""

import errno
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.sandbox import kernel

try:
    import pyseccomp as seccomp
except (ImportError, RuntimeError):  # RuntimeError: libseccomp itself is missing
    seccomp = None

SOCKET: Final = 3  # the only file descriptor besides stdin, stdout and stderr
SCRATCH: Final = "/scratch"  # each runner's own scratch folder, where there are namespaces
SCRATCH_PREFIX: Final = "grader-runner-"
MIB: Final = 1 << 20
BLOCK: Final = 512  # bytes per block in `st_blocks` of stat(2)

# System calls that no submission needs: each affects other processes, the kernel's settings, or
# memory that outlives the process. https://man7.org/linux/man-pages/man2/seccomp.2.html
DENIED: Final = (
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open"),
    *("pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill"),
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "fsopen", "fsmount"),
    *("fsconfig", "fspick", "open_tree", "move_mount", "mount_setattr", "open_by_handle_at"),
    *("name_to_handle_at", "init_module", "finit_module", "delete_module", "kexec_load", "bpf"),
    *("kexec_file_load", "reboot", "swapon", "swapoff", "quotactl", "acct", "settimeofday"),
    *("clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "personality"),
    *("perf_event_open", "keyctl", "add_key", "request_key", "io_uring_setup", "io_uring_enter"),
    *("io_uring_register", "userfaultfd", "shmget", "semget", "msgget", "mq_open", "memfd_secret"),
    *("memfd_create", "inotify_init", "inotify_init1", "fanotify_init", "sched_setscheduler"),
    *("sched_setattr", "setpriority", "ioprio_set", "setrlimit", "socket", "execve"),
    *("execveat", "fork", "vfork", "mknod", "mknodat", "symlink", "symlinkat", "link", "linkat"),
    *("connect", "bind", "listen", "accept", "accept4", "sched_setaffinity", "sched_setparam"),
    *("migrate_pages", "move_pages", "syslog"),
)
CLONE_THREAD: Final = 0x00010000
# CUDA does not start without a named local socket (AF_UNIX) of type SOCK_SEQPACKET. Without
# `connect` and `accept`, no data can pass through it. Some other types can send unconnected.
GPU_CALLS: Final = ("socket", "bind", "listen")
LOCAL: Final = 1
OTHER_KINDS: Final = (1, 2, 3)  # SOCK_STREAM, SOCK_DGRAM, SOCK_RAW
# These make a file send a signal to any process when it becomes ready: F_SETOWN, F_SETSIG and
# F_SETOWN_EX of fcntl(2), FIOSETOWN and SIOCSPGRP of ioctl(2).
FILE_OWNERS: Final = (
    *(("fcntl", 8), ("fcntl", 10), ("fcntl", 15)),
    *(("ioctl", 0x8901), ("ioctl", 0x8902)),
)
# Socket pairs of these types (SOCK_DGRAM, SOCK_RAW) can send to any UNIX socket, too; asyncio and
# multiprocessing use streams.
DATAGRAMS: Final = (2, 3)
# Variables that select and order GPUs: judge and runner must use the same ones.
WHICH_GPU: Final = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
SOCKET_TYPE_MASK: Final = 0xF
LOWER_HALF: Final = 0xFFFFFFFF


@dataclass(frozen=True)
class RunnerLimits:
    """What one runner may use.

    Attributes:
        cpu_seconds: the CPU time of one check; ten times as much wall time is the backstop.
        memory_mib: the memory beyond what Python and torch need at the start.
        scratch_mib: the total size of the files in its scratch folder.
        scratch_files: the number of those files.
        output_kib: how much printed text is kept; the rest is counted and dropped.
        processes: the number of threads and processes together.
    """

    cpu_seconds: int = 20
    memory_mib: int = 2048
    scratch_mib: int = 64
    scratch_files: int = 1000
    output_kib: int = 64
    processes: int = 32


def take_descriptors(control: int, output: int) -> None:
    """Keep four file descriptors: stdin on /dev/null, stdout and stderr on the output, the socket.

    All others are closed.
    """
    nothing = os.open(os.devnull, os.O_RDONLY)
    control, output = os.dup(control), os.dup(output)
    for source, target in ((nothing, 0), (output, 1), (output, 2), (control, SOCKET)):
        os.dup2(source, target)
    os.closerange(SOCKET + 1, 1 << 16)
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = open(  # noqa: SIM115 (it lives as long as the process)
            number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, stream)


def enter_namespaces(limits: RunnerLimits) -> None:
    """Enter own namespaces for mounts, with a bounded scratch folder, the network and IPC."""
    kernel.unshare(kernel.NEW_MOUNTS | kernel.NEW_IPC | kernel.NEW_NETWORK)
    kernel.make_mounts_private()
    kernel.mount_scratch(SCRATCH, limits.scratch_mib * MIB, limits.scratch_files)
    kernel.mount_scratch("/dev/shm", MIB, 16)
    for shared in ("/tmp", "/"):  # shared with later runners: leave no message for them
        kernel.make_read_only(shared)


def become(user: int) -> None:
    """Change to a user that owns nothing on this machine."""
    kernel.drop_bounding_set()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def limit_resources(limits: RunnerLimits, memory_at_start: int | None, others: int) -> None:
    """Set the resource limits that the kernel enforces for one process.

    Args:
        limits: the submission's limits.
        memory_at_start: the size of the address space at the start, in bytes; None: it is not
            limited, because a GPU needs more.
        others: the number of the same user's other threads, which the kernel counts, too.
    """
    import resource  # missing on Windows, where this function is never called

    values = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.scratch_mib * MIB,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_NPROC: limits.processes + others,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if memory_at_start is not None:
        values[resource.RLIMIT_AS] = memory_at_start + limits.memory_mib * MIB
    for name, value in values.items():
        resource.setrlimit(name, (value, value))


def can_filter_calls() -> bool:
    """Whether libseccomp and its Python binding are available."""
    return seccomp is not None


def filter_calls(*, gpu: bool) -> None:
    """Refuse the system calls in `DENIED`, new processes, and signals to other processes (seccomp).

    Args:
        gpu: whether CUDA must be able to start.
    """
    assert seccomp is not None  # `layers` selects this layer only where it is available
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in DENIED:
        if not (gpu and name in GPU_CALLS):
            _deny(rules, seccomp.ERRNO(errno.EPERM), name)
    if gpu:
        _deny(rules, seccomp.ERRNO(errno.EPERM), "socket", seccomp.Arg(0, seccomp.NE, LOCAL))
    _deny(rules, seccomp.ERRNO(errno.ENOSYS), "clone3")  # glibc then uses clone, which is filtered
    _deny(rules, seccomp.ERRNO(errno.EPERM), "prlimit64", seccomp.Arg(2, seccomp.NE, 0))
    not_a_thread = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0)
    _deny(rules, seccomp.ERRNO(errno.EAGAIN), "clone", not_a_thread)
    for name, command in FILE_OWNERS:  # the kernel ignores the upper half of the command
        same = seccomp.Arg(1, seccomp.MASKED_EQ, LOWER_HALF, command)
        _deny(rules, seccomp.ERRNO(errno.EPERM), name, same)
    kinds = [("socketpair", kind) for kind in DATAGRAMS]
    kinds += [("socket", kind) for kind in OTHER_KINDS if gpu]
    for name, kind in kinds:
        of_that_kind = seccomp.Arg(1, seccomp.MASKED_EQ, SOCKET_TYPE_MASK, kind)
        _deny(rules, seccomp.ERRNO(errno.EPERM), name, of_that_kind)
    for name in ("kill", "tgkill"):
        _deny(rules, seccomp.ERRNO(errno.EPERM), name, seccomp.Arg(0, seccomp.NE, os.getpid()))
    rules.load()


def _deny(rules: Any, action: Any, name: str, *arguments: Any) -> None:
    try:
        rules.add_rule(action, name, *arguments)
    except OSError:
        return  # this architecture does not have the call


def clean_surroundings(scratch: str) -> None:
    """Remove most environment variables, and use the scratch folder for temporary files."""
    kept = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LANG", *WHICH_GPU}
    for name in set(os.environ) - kept:
        del os.environ[name]
    os.environ |= {"HOME": scratch, "TMPDIR": scratch, "MPLCONFIGDIR": scratch}
    tempfile.tempdir = scratch  # the server has already cached another folder
    os.chdir(scratch)
    os.umask(0o077)
    sys.argv = [""]


def count_threads() -> int:
    """The number of threads of this process's user on this machine."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == os.getuid():
                found += sum(1 for _ in (process / "task").iterdir())
    return found


def too_many_files(runner: int, limits: dict[str, int]) -> bool:
    """Without namespaces: whether a runner's files exceed its limits.

    Deleted files that are still open count, too. A folder that cannot be read counts as too many:
    its permissions were removed, or it is nested too deeply.
    """
    size = count = 0
    folders = [str(path) for path in Path(tempfile.gettempdir()).glob(f"{SCRATCH_PREFIX}*")]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except FileNotFoundError:
            continue
        except OSError:
            return True
        for entry in entries:
            with suppress(FileNotFoundError):
                size += entry.stat(follow_symlinks=False).st_blocks * BLOCK
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
        count += len(entries)
        if count > limits["scratch_files"] or size > limits["scratch_mib"] * MIB:
            return True
    return size + _deleted(runner) > limits["scratch_mib"] * MIB


def _deleted(runner: int) -> int:
    """The size of the files that a process has open although they are deleted, where readable."""
    size = 0
    with suppress(OSError):
        for path in Path(f"/proc/{runner}/fd").iterdir():
            with suppress(OSError):
                found = path.stat()
                size += found.st_blocks * BLOCK * (found.st_nlink == 0)
    return size


def own_folder(user: int | None) -> str:
    """Without namespaces: create a scratch folder below the shared temporary folder."""
    folder = tempfile.mkdtemp(prefix=SCRATCH_PREFIX)
    if user is not None:
        os.chown(folder, user, user)
    return folder
