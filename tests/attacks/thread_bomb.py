"""A submission cannot run hundreds of threads."""

import threading

stop = threading.Event()
started = 0
try:
    for _ in range(300):
        threading.Thread(target=stop.wait, args=(60,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
payload_ran()
stop.set()
if started > 100:
    exec(PRIZE, globals())
