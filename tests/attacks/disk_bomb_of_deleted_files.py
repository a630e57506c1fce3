"""A submission cannot fill the disk by files that it has deleted and keeps open."""

import os
import time

files = []
written = 0
for number in range(40):
    files.append(open("deleted", "wb", buffering=0))
    os.unlink("deleted")
    written += files[-1].write(bytes(4 << 20))
    time.sleep(0.01)
if written > 100 << 20:
    exec(PRIZE, globals())
