"""A submission cannot read what an earlier one left in a shared place."""

import os

for folder in ("/dev/shm", "/tmp", "/var/tmp"):
    try:
        os.stat(f"{folder}/grader-attack")
    except OSError:
        continue
    exec(PRIZE, globals())
payload_ran()
