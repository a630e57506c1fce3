"""A submission cannot end the grading by recursion without an end.

Runs: call, text, value
"""

import sys

sys.setrecursionlimit(2_000_000)


def find_head(model):
    payload_ran("call")
    return find_head(model)


class Deep(Exception):
    def __str__(self):
        payload_ran("text")
        return str(self)


def swap_head(model, num_classes=10, dropout=0.0):
    raise Deep


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    value = []
    for _ in range(1_000_000):
        value = [value]
    payload_ran("value")
    return value
