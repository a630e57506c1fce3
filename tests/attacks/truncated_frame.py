"""A submission cannot hang the judge by a frame that ends in its middle."""

import os
import struct


def find_head(model):
    os.write(3, struct.pack("<Q", 1000) + b"= half")
    payload_ran()
    os._exit(0)
