"""A submission cannot make the judge grow by sending as much as a frame may hold."""

import os
import struct

SIZE = 250 << 20


def find_head(model):
    text = b'{"dict":[["value",{"tensor":{"dtype":"uint8","shape":[%d],"offset":0}}]]}'
    text = text % (SIZE - 1000)
    header = b"=" + struct.pack("<IQ", len(text), SIZE - 1000) + text
    os.write(3, struct.pack("<Q", len(header) + SIZE - 1000) + header)
    left, part = SIZE - 1001, bytes(1 << 20)
    while left:
        left -= os.write(3, part[:left])
    payload_ran()
    os.write(3, part[:1])
    return "fc"
