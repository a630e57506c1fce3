"""A submission cannot earn points by only raising the errors that checks expect.

Runs: find_head, swap_head, mlp_head
"""


def find_head(model):
    payload_ran("find_head")
    raise ValueError


def swap_head(model, num_classes=10, dropout=0.0):
    payload_ran("swap_head")
    raise ValueError


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    payload_ran("mlp_head")
    raise ValueError
