"""A submission cannot fill the disk by many files, each of which is small enough."""

import time

written = 0
for number in range(160):
    if number == 7:  # of the 8 MiB that it may write
        payload_ran()
    with open(f"piece{number}", "wb", buffering=0) as file:
        written += file.write(bytes(1 << 20))
    time.sleep(0.01)
if written > 100 << 20:
    exec(PRIZE, globals())
