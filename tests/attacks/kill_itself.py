"""A submission cannot end the grading by a signal that it sends to itself.

Runs: SIGTERM, SIGSEGV, SIGKILL
"""

import os
import signal


def end_with(name):
    payload_ran(name)
    os.kill(os.getpid(), getattr(signal, name))


def find_head(model):
    return end_with("SIGTERM") or "fc"


def swap_head(model, num_classes=10, dropout=0.0):
    return end_with("SIGSEGV") or model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return end_with("SIGKILL") or in_features
