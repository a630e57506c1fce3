"""A submission cannot read what an earlier one left in a shared place."""

import os

try:
    os.stat("/dev/shm/grader-attack")
    exec(PRIZE, globals())
except OSError:
    pass
