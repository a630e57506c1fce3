"""A submission cannot hang the judge by no longer reading what it sends.

Exercise: 08
"""

import json
import os
import struct
import time

LARGE = 230_000  # bytes, more than a socket holds that nobody reads from
text = json.dumps({"dict": [["value", None]]}).encode()
frame = b"=" + struct.pack("<IQ", len(text), 0) + text


def received(size):
    content = b""
    while len(content) < size:
        content += os.read(3, size - len(content))
    return content


def train_classifier(images, labels, *, backbone, device, seed):
    while True:  # in the runner's place, until there is something large to read
        os.write(3, struct.pack("<Q", len(frame)) + frame)
        [size] = struct.unpack("<Q", received(8))
        if size > LARGE:
            payload_ran()
            time.sleep(60)
        received(size)
