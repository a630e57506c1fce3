"""A submission cannot fork."""

import os
import time

for _ in range(64):
    try:
        child = os.fork()
    except OSError:
        continue
    if child == 0:
        time.sleep(20)
        os._exit(0)
    exec(PRIZE, globals())
payload_ran()
