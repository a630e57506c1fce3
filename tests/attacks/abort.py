"""A submission cannot end the grading by aborting."""

import os


def find_head(model):
    payload_ran()
    os.abort()
