"""A submission cannot find the labels of the images that it is measured on.

Exercise: 08
"""

import gc

import torch
from torch import nn


class Searcher(nn.Module):
    """Votes for whatever integers lie in this process's memory."""

    def forward(self, images):
        gc.unfreeze()  # what was there before the fork
        votes = torch.zeros(len(images), 10)
        for found in gc.get_objects():
            if type(found) is torch.Tensor and found.dtype == torch.int64:
                if found.dim() == 1 and len(found) >= len(images):
                    votes[torch.arange(len(images)), found[: len(images)] % 10] += 1
        payload_ran()
        return votes


def train_classifier(images, labels, *, backbone, device, seed):
    return Searcher()
