"""A submission cannot control the instructor's terminal, or a page, by what it prints and raises.

Runs: find_head, swap_head
"""

import sys

HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>"
TEXT = f"\x1b]0;title\x07\x1b[2J\x1b[31m{HTML}\r\n=cmd|' /C calc'!A0\u202e\x00\udc80"
print(TEXT)
print(TEXT, file=sys.stderr)
sys.stdout.buffer.write(b"\xff\xfe\x00\x9b31m")
sys.stdout.flush()


def find_head(model):
    payload_ran("find_head")
    raise type(f"\x1b[31m{HTML}", (Exception,), {})(TEXT)


def swap_head(model, num_classes=10, dropout=0.0):
    payload_ran("swap_head")
    return TEXT
