"""A submission cannot use up the file system's entries."""

import time

for number in range(5000):
    if number == 40:  # of the 50 entries that it may have
        payload_ran()
    open(f"empty{number}", "w").close()
    if number % 100 == 0:
        time.sleep(0.01)
exec(PRIZE, globals())
