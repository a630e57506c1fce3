"""A submission cannot trace another process, or read its memory."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
ATTACH, SEIZE = 16, 0x4206


class Area(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


buffer = ctypes.create_string_buffer(8)
mine = Area(ctypes.addressof(buffer), 8)
for process in {os.getppid(), 1, 2} - {0, os.getpid()}:
    theirs = Area(id(os), 8)
    read = libc.process_vm_readv(process, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
    if libc.ptrace(SEIZE, process, None, None) == 0 or read > 0:
        exec(PRIZE, globals())
try:
    os.pidfd_open(os.getpid())
    exec(PRIZE, globals())
except OSError:
    pass
payload_ran()
