"""A submission cannot fill the disk by files that it has deleted and keeps open."""

import os
import time

files = []
written = 0
for number in range(160):
    if number == 7:  # of the 8 MiB that it may write
        payload_ran()
    files.append(open("deleted", "wb", buffering=0))
    os.unlink("deleted")
    written += files[-1].write(bytes(1 << 20))
    time.sleep(0.01)
if written > 100 << 20:
    exec(PRIZE, globals())
