"""A submission cannot pass by answering in advance: replies to requests that nobody sent yet."""

import json
import os
import struct

text = json.dumps({"dict": [["value", True]]}).encode()
frame = b"=" + struct.pack("<IQ", len(text), 0) + text
os.write(3, (struct.pack("<Q", len(frame)) + frame) * 500)


def find_head(model):
    return "fc"
