"""A submission cannot pass by an object that claims to be of another class."""

from torch import nn


class Liar:
    __class__ = nn.Sequential
    training = True

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **options):
        return self

    def __iter__(self):
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
