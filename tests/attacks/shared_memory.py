"""A submission cannot leave anything in shared memory."""

import ctypes
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
kept = 0
try:
    segment = shared_memory.SharedMemory("grader-attack", create=True, size=64 << 20)
    segment.buf[:] = bytes(64 << 20)
    kept += 1
    segment.unlink()
except (OSError, MemoryError):
    pass
kept += libc.shmget(0, 4096, 0o1600) != -1
try:
    os.memfd_create("grader-attack")
    kept += 1
except OSError:
    pass
payload_ran()
if kept:
    exec(PRIZE, globals())
