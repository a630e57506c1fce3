"""A submission cannot read the reference solutions."""

import os
import sys
from pathlib import Path

KIT = sys.modules["grader"]


def places():
    try:
        import solutions.head

        yield Path(solutions.head.__file__)
    except (ImportError, OSError):
        pass
    roots = [*sys.path, Path(KIT.__file__).parents[1], "/work", "/home", "/root", "/srv", "/opt"]
    for root in roots:
        yield Path(root, "solutions", "head.py")
        for folder, _, names in os.walk(root):
            if "head.py" in names and Path(folder).name == "solutions":
                yield Path(folder, "head.py")


for place in places():
    try:
        exec(place.read_text(), globals())
    except OSError:
        pass
payload_ran()
