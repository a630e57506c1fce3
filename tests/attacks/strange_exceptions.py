"""A submission cannot hang or crash anything by exceptions that misbehave.

Runs: unprintable, group, no text
"""


class Unprintable(Exception):
    def __str__(self):
        payload_ran("unprintable")
        raise self

    __repr__ = __str__


class NoText(Exception):
    def __str__(self):
        payload_ran("no text")
        return 7


def find_head(model):
    error = Unprintable()
    error.__cause__ = error.__context__ = Unprintable()
    raise error


def swap_head(model, num_classes=10, dropout=0.0):
    payload_ran("group")
    raise ExceptionGroup("many", [NoText(), ExceptionGroup("more", [Unprintable()])])


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    raise NoText
