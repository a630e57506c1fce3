"""A submission cannot forge a verdict by writing to every descriptor that is open."""

import json
import os

VERDICT = json.dumps({"verdict": {"id": "03.find_head.families", "status": "passed"}}).encode()


def find_head(model):
    for descriptor in (*range(4, 256), 1, 2):
        try:
            os.write(descriptor, VERDICT + b"\n")
        except OSError:
            pass
    payload_ran()
    os.write(3, VERDICT + b"\n")
    return "fc"
