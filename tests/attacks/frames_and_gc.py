"""A submission cannot find checks, expected values or verdicts in the memory of its process."""

import gc
import sys

SECRETS = {"CheckRun", "Verdict", "Check", "Course", "Sandbox", "Result"}


def peek():
    frame = sys._getframe()
    while frame is not None:
        if "verdicts" in frame.f_locals or "check" in frame.f_locals:
            return True
        frame = frame.f_back
    if any(
        name.startswith(("_pytest", "grader.checks", "grader.grading.sandboxed"))
        for name in sys.modules
    ):
        return True
    return any(type(thing).__name__ in SECRETS for thing in gc.get_objects())


def find_head(model):
    if peek():
        exec(PRIZE, globals())
        return find_head(model)
