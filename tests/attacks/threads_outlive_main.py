"""A submission cannot outlive its verdict in threads that go on after the main thread's end."""

import threading
import time


def go_on():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.1)


for _ in range(4):
    threading.Thread(target=go_on).start()
raise SystemExit
