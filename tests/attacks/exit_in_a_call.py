"""A submission cannot end the grading, or pass, by ending its process in a call.

Runs: find_head, swap_head
"""

import os


def find_head(model):
    payload_ran("find_head")
    os._exit(0)


def swap_head(model, num_classes=10, dropout=0.0):
    payload_ran("swap_head")
    os._exit(0)
