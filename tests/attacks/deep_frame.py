"""A submission cannot crash the judge by JSON that is nested a million times."""

import os
import struct

text = b"[" * 2_000_000 + b"]" * 2_000_000
frame = b"=" + struct.pack("<IQ", len(text), 0) + text


def find_head(model):
    view = memoryview(struct.pack("<Q", len(frame)) + frame[:-1])
    while view:
        view = view[os.write(3, view) :]
    payload_ran()
    os.write(3, frame[-1:])
