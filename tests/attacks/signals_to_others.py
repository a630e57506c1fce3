"""A submission cannot send signals to processes that are not its own."""

import os

for process in {os.getppid(), 1, 2} - {0, os.getpid()}:
    try:
        os.kill(process, 0)
        exec(PRIZE, globals())
    except OSError:
        pass
try:
    os.killpg(os.getpgid(os.getppid()) if os.getppid() else 1, 0)
    exec(PRIZE, globals())
except OSError:
    pass
payload_ran()
