"""A submission cannot run code in the judge by an answer or a file that is pickled.

Runs: file, find_head, swap_head, mlp_head
"""

import os
import pickle

import torch


class Evil:
    def __reduce__(self):
        return os._exit, (0,)


torch.save(Evil(), "head.pt")
payload_ran("file")


def find_head(model):
    answer = pickle.dumps(Evil())
    payload_ran("find_head")
    return answer


def swap_head(model, num_classes=10, dropout=0.0):
    payload_ran("swap_head")
    return Evil()


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    payload_ran("mlp_head")
    return Evil
