"""A submission cannot change what the next one imports, or leave it a message."""

import os
import sys
import tempfile
from pathlib import Path

import torch

KIT = sys.modules["grader"]
places = [Path(torch.__file__).parent, Path(KIT.__file__).parent, Path(sys.prefix)]
places += [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/usr/lib"), Path("/")]
for place in places:
    for name in ("sitecustomize.py", "__init__.py", "grader-attack"):
        try:
            file = open(place / name, "ab")
        except OSError:
            continue
        file.close()
        if place.name == "shm":  # a small one of its own is allowed
            continue
        exec(PRIZE, globals())
payload_ran()
