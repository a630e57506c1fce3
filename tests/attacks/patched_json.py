"""A submission cannot crash the judge by replacing what the runner writes its replies with.

Runs: dumps, loads, encode, decode
"""

import json
import sys

CODEC = "grader.protocol.codec"
codec = sys.modules[CODEC]


def dumps(*arguments, **options):
    payload_ran("dumps")
    codec.encode = encode  # the next time
    return "[]"


def encode(value, *rest):
    payload_ran("encode")
    return b"\x00" * 12


def loads(*arguments, **options):
    payload_ran("loads")
    codec.decode = decode  # the next time
    return "[]"


def decode(frame, *rest):
    payload_ran("decode")
    return {"operation": "load"}


json.dumps, json.loads = dumps, loads
