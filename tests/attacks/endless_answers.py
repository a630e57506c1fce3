"""A submission cannot hang or fill anything by answers without an end."""

import itertools
from collections import UserDict


class Long(list):
    def __len__(self):
        return 1 << 60

    def __iter__(self):
        return itertools.count()


def find_head(model):
    return itertools.count()


def swap_head(model, num_classes=10, dropout=0.0):
    return Long()


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    me = {}
    me["me"] = [me]
    return me
