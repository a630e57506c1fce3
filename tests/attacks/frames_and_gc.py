"""A submission cannot find checks, expected values or verdicts in the memory of its process."""

import gc
import sys

SECRETS = {"CheckRun", "Verdict", "Check", "Course", "Sandbox", "Result", "Listener"}
SECRET_MODULES = ("_pytest", "grader.checks", "grader.judge", "grader.grading")


def peek():
    frame = sys._getframe()
    while frame is not None:
        if "verdicts" in frame.f_locals or "check" in frame.f_locals:
            return True
        frame = frame.f_back
    if any(name.startswith(SECRET_MODULES) for name in sys.modules):
        return True
    gc.unfreeze()  # what the server had before the fork
    return any(type(thing).__name__ in SECRETS for thing in gc.get_objects())


def find_head(model):
    found = peek()
    payload_ran()
    if found:
        exec(PRIZE, globals())
        return find_head(model)
