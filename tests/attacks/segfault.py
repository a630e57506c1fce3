"""A submission cannot end the grading by a segmentation fault."""

import ctypes


def find_head(model):
    ctypes.string_at(0)
