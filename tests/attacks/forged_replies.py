"""A submission cannot pass by answering in advance: replies to requests that nobody sent yet."""

import json
import os
import struct

text = json.dumps({"dict": [["value", True]]}).encode()
frame = b"=" + struct.pack("<IQ", len(text), 0) + text
replies = (struct.pack("<Q", len(frame)) + frame) * 500
os.write(3, replies[:20])  # not a whole one yet
payload_ran()
os.write(3, replies[20:])


def find_head(model):
    return "fc"
