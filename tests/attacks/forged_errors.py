"""A submission cannot fill the results by an error with a text of megabytes."""

import json
import os
import struct
import time

line = {"dict": [["line", "9" * 500_000], ["function", ""], ["code", "\x1b[31m" * 100_000]]}
facts = [["types", ["ValueError"] * 1000], ["message", "long " * 300_000]]
facts += [["lines", [line]], ["own", True]]
text = json.dumps({"dict": [["error", {"dict": facts}]]}).encode()
frame = b"=" + struct.pack("<IQ", len(text), 0) + text


view = memoryview(struct.pack("<Q", len(frame)) + frame[:-1])
while view:
    view = view[os.write(3, view) :]
payload_ran()
os.write(3, frame[-1:])
time.sleep(0.5)
os._exit(0)
