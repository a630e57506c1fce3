"""A submission cannot hide its CPU time in threads."""

import threading
import time


def burn():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


def find_head(model):
    threads = [threading.Thread(target=burn) for _ in range(4)]
    for thread in threads:
        thread.start()
    payload_ran()
    for thread in threads:
        thread.join()
    return "fc"
