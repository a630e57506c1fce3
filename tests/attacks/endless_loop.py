"""A submission cannot hang the grading by a loop that swallows exceptions and ignores signals."""

import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def find_head(model):
    end = time.monotonic() + 60
    payload_ran()
    while time.monotonic() < end:
        try:
            while time.monotonic() < end:
                pass
        except BaseException:
            pass
    return "fc"
