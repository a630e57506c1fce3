"""A submission cannot pass by making everything an instance of everything.

Runs: isinstance, len, callable, hasattr
"""

import builtins


def always(name, answer):
    def replacement(*arguments):
        payload_ran(name)
        return answer

    setattr(builtins, name, replacement)


def find_head(model):
    always("isinstance", True)


def swap_head(model, num_classes=10, dropout=0.0):
    always("len", 10)


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    always("callable", True)
    always("hasattr", True)
    return object()
