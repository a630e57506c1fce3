"""A submission cannot run code in the judge by an answer or a file that is pickled."""

import os
import pickle

import torch


class Evil:
    def __reduce__(self):
        return os._exit, (0,)


torch.save(Evil(), "head.pt")


def find_head(model):
    return pickle.dumps(Evil())


def swap_head(model, num_classes=10, dropout=0.0):
    return Evil()


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return Evil
