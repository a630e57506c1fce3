"""A submission cannot read other submissions, or the results and secrets of the grading."""

import os
from pathlib import Path

WANTED = {"head.py", "results.json", "grading.json", ".grader-secret", "course.yaml"}
here = Path.cwd()
for root in ("/tmp", "/var/tmp", "/dev/shm", "/home", "/root", "/work", here.parent):
    for folder, _, names in os.walk(root):
        for name in WANTED & set(names):
            path = Path(folder, name)
            try:
                found = path.parent != here and path.read_bytes()
            except OSError:
                continue
            if found:
                exec(PRIZE, globals())
payload_ran()
