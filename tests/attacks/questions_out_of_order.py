"""A submission cannot hang or fill the judge by asking questions when nothing was asked.

Exercise: 02
"""

import json
import os
import struct
import time

MOST = 1000  # questions that are answered


def freeze(module):
    text = json.dumps({"dict": [["question", "report"], ["step", 1], ["value", "x" * 9000]]})
    frame = b"?" + struct.pack("<IQ", len(text), 0) + text.encode()
    end = time.monotonic() + 60
    number = 0
    while time.monotonic() < end:
        os.write(3, struct.pack("<Q", len(frame)) + frame)
        length = struct.unpack("<Q", os.read(3, 8))[0]
        while length > 0:
            length -= len(os.read(3, length))
        number += 1
        if number > MOST:
            payload_ran()
