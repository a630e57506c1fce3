"""A submission cannot pass by an object that claims to be of another class.

Runs: class, attribute, items
"""

from torch import nn


class Liar:
    training = True

    @property
    def __class__(self):
        payload_ran("class")
        return nn.Sequential

    def __getattr__(self, name):
        payload_ran("attribute")
        return self

    def __call__(self, *arguments, **options):
        return self

    def __iter__(self):
        payload_ran("items")
        return iter([self])

    def __len__(self):
        return 10

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


def swap_head(model, num_classes=10, dropout=0.0):
    return Liar()


mlp_head = find_head = swap_head
