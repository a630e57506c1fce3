"""A submission cannot read the environment of the grading."""

import ctypes
import os

libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
if "SECRET_OF_THE_JUDGE" in os.environ or libc.getenv(b"SECRET_OF_THE_JUDGE"):
    exec(PRIZE, globals())
try:
    with open("/proc/self/environ", "rb") as file:
        if b"SECRET_OF_THE_JUDGE" in file.read():
            exec(PRIZE, globals())
except OSError:
    pass
payload_ran()
