"""A submission cannot learn about other processes from /proc."""

import os
from pathlib import Path

mine = str(os.getpid())
for name in ("cmdline", "environ", "maps", "mem", "status", "comm"):
    for number in {"1", str(os.getppid()), *map(str, range(1, 400))} - {mine, "0"}:
        try:
            text = Path("/proc", number, name).read_bytes()
        except OSError:
            continue
        if text:
            exec(PRIZE, globals())
payload_ran()
