"""A submission cannot pass by NaN, infinite, negative, huge or boolean numbers.

Exercise: 05
"""


def odd_numbers():
    while True:
        yield from (float("nan"), float("inf"), -1e308, True, 10**5000, -1, 1j, None, "0")
        payload_ran()  # each was asked for


VALUES = odd_numbers()


def evaluate(model, loader, device):
    return next(VALUES), next(VALUES)


def confusion_matrix(model, loader, num_classes, device):
    return next(VALUES)
