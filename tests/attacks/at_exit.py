"""A submission cannot do anything after its verdict, in a handler that runs at the exit."""

import atexit
import os
import time

# The runner leaves without running handlers, when it can no longer answer. So this sees to both.
connection = os.dup(3)
os.close(3)
os._exit = lambda code: atexit._run_exitfuncs()


def late():
    payload_ran()
    exec(PRIZE, globals())
    for descriptor in range(256):
        try:
            os.write(descriptor, b"late")
        except OSError:
            pass
    os.close(connection)
    time.sleep(60)


atexit.register(late)
raise SystemExit("see you later")
