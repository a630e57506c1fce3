"""A submission cannot pass by answering in the place of its model.

Exercise: 08
"""

import sys

import torch
from torch import nn

RUNNER = "grader.runner.dispatcher"


def answer(self, model, inputs, training, device):
    payload_ran()
    order = torch.linspace(0, 9.99, len(inputs)).long()
    return nn.functional.one_hot(order, 10).float() * 7


def train_classifier(images, labels, *, backbone, device, seed):
    sys.modules[RUNNER].Runner.do_forward = answer
    return nn.Identity()
