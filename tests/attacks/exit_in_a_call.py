"""A submission cannot end the grading, or pass, by ending its process in a call."""

import os


def find_head(model):
    os._exit(0)


def swap_head(model, num_classes=10, dropout=0.0):
    os._exit(0)
