"""A submission cannot hold up the class by a frame that comes byte by byte."""

import os
import struct
import time


def find_head(model):
    os.write(3, struct.pack("<Q", 60))
    for number in range(60):
        os.write(3, b"=")
        time.sleep(1)
        if number == 5:
            payload_ran()
    os._exit(0)
