"""A submission cannot hang or fill anything by answers without an end.

Runs: iterator, list, dict
"""

import itertools


def endless(kind):
    payload_ran(kind)
    yield from itertools.count()


class Long(list):
    def __len__(self):
        return 1 << 60

    def __iter__(self):
        return endless("list")


class Round(dict):
    def items(self):
        payload_ran("dict")
        return super().items()


def find_head(model):
    return endless("iterator")


def swap_head(model, num_classes=10, dropout=0.0):
    return Long()


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    me = Round()
    me["me"] = [me]
    return me
