"""A submission cannot do anything after its verdict, in a handler that runs at the exit."""

import atexit
import os
import sys
import time


def late():
    exec(PRIZE, globals())
    for descriptor in range(256):
        try:
            os.write(descriptor, b"late")
        except OSError:
            pass
    time.sleep(60)


atexit.register(late)
sys.exit("see you later")
