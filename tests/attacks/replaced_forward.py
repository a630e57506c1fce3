"""A submission cannot pass by answering in the place of its model.

Exercise: 08
"""

import torch
from torch import nn

import grader.runner.dispatcher


def _answer(self, model, inputs, training, device=None):
    order = torch.linspace(0, 9.99, len(inputs)).long()
    return torch.nn.functional.one_hot(order, 10).float() * 7


def train_classifier(images, labels, *, backbone, device, seed):
    grader.runner.dispatcher.Runner.do_forward = _answer
    return nn.Identity()
