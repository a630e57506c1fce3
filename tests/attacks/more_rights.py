"""A submission cannot gain rights, namespaces of its own, or larger limits."""

import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
UNSHARE_USER, IO_URING_SETUP, BPF = 0x10000000, 425, 321
gained = [libc.unshare(UNSHARE_USER) == 0, libc.mount(b"none", b"/", b"tmpfs", 0, b"") == 0]
gained += [libc.syscall(IO_URING_SETUP, 8, ctypes.create_string_buffer(120)) >= 0]
gained += [libc.chroot(b"/usr") == 0]
for name in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE"):
    try:
        resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
        gained.append(True)
    except (OSError, ValueError):
        pass
try:
    os.execv("/usr/bin/su", ["su"])
except OSError:
    pass
if any(gained):
    exec(PRIZE, globals())
payload_ran()
