"""A submission cannot make the judge grow by a trial that is asked for megabytes of answers.

Exercise: 07
"""

import time


def objective(trial, train_set, val_set, *, epochs, device):
    end = time.monotonic() + 60
    number = 0
    while time.monotonic() < end:
        trial._question(question="suggest", name=f"{number} {'x' * 1_000_000}", choices=[1])
        number += 1
