"""A submission cannot change where, or how fast, another process runs."""

import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
other = os.getppid() or 1
ATTEMPTS = (
    lambda: os.sched_setaffinity(other, os.sched_getaffinity(0)),
    lambda: os.setpriority(os.PRIO_PROCESS, other, 19),
    lambda: resource.prlimit(other, resource.RLIMIT_CPU, (1, 1)),
    lambda: os.sched_setparam(other, os.sched_param(0)),
)
for attempt in ATTEMPTS:
    try:
        attempt()
    except OSError:
        continue
    exec(PRIZE, globals())
payload_ran()
