"""A submission cannot outlive its verdict in threads that go on after the main thread's end."""

import ctypes
import os
import threading
import time


def go_on(number):
    end = time.monotonic() + 60
    time.sleep(0.5)
    if number == 0:
        payload_ran()
        os.close(3)  # the judge sees it, and says its verdict
    while time.monotonic() < end:
        time.sleep(0.1)


for number in range(4):
    threading.Thread(target=go_on, args=(number,)).start()
ctypes.CDLL(None).pthread_exit(None)
