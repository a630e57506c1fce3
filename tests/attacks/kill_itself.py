"""A submission cannot end the grading by a signal that it sends to itself."""

import os
import signal


def find_head(model):
    for number in (signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL):
        os.kill(os.getpid(), number)
    return "fc"
