"""A submission cannot read the reference solutions."""

import os
import sys
from pathlib import Path

import grader


def found():
    try:
        import solutions.head

        return Path(solutions.head.__file__)
    except ImportError:
        pass
    roots = [*sys.path, Path(grader.__file__).parents[1], "/work", "/home", "/root", "/srv", "/opt"]
    for root in roots:
        for folder, _, names in os.walk(root):
            if "head.py" in names and Path(folder).name == "solutions":
                return Path(folder, "head.py")
    raise FileNotFoundError


exec(found().read_text(), globals())
