"""A submission cannot end the grading by a segmentation fault."""

import ctypes


def find_head(model):
    payload_ran()
    ctypes.string_at(0)
