"""A submission cannot let the kernel send signals to others when a file becomes ready."""

import ctypes
import fcntl
import os
import platform
import struct

reading, writing = os.pipe()
F_SETSIG, F_SETOWN_EX, FIOSETOWN = 10, 15, 0x8901
ATTEMPTS = (
    lambda: fcntl.fcntl(reading, fcntl.F_SETOWN, os.getppid() or 1),
    lambda: fcntl.fcntl(reading, F_SETOWN_EX, struct.pack("ii", 1, os.getppid() or 1)),
    lambda: fcntl.fcntl(reading, F_SETSIG, 9),
    lambda: fcntl.ioctl(3, FIOSETOWN, struct.pack("i", os.getppid() or 1)),
)
for attempt in ATTEMPTS:
    try:
        attempt()
    except OSError:
        continue
    exec(PRIZE, globals())

# The same calls with bits in the upper half of the command, which the kernel ignores.
NUMBERS = {"x86_64": (72, 16), "aarch64": (25, 29)}  # of fcntl and ioctl
libc = ctypes.CDLL(None, use_errno=True)
upper = 1 << 32
if platform.machine() in NUMBERS:
    fcntl_, ioctl_ = NUMBERS[platform.machine()]
    owner = ctypes.c_long(os.getppid() or 1)
    if libc.syscall(fcntl_, reading, ctypes.c_ulong(upper | fcntl.F_SETOWN), owner) == 0:
        exec(PRIZE, globals())
    owner_ = ctypes.byref(ctypes.c_int(os.getppid() or 1))
    if libc.syscall(ioctl_, 3, ctypes.c_ulong(upper | FIOSETOWN), owner_) == 0:
        exec(PRIZE, globals())
payload_ran()
