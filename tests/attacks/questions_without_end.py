"""A submission cannot make the judge grow by a trial that is asked for megabytes of answers.

Exercise: 07
Runs: large, many
"""

import time

LARGEST = 60_000  # characters: what is larger is no question


def objective(trial, train_set, val_set, *, epochs, device):
    end = time.monotonic() + 60
    number = 0
    while time.monotonic() < end:
        size = LARGEST if number else 1_000_000
        try:
            trial._question(question="suggest", name=f"{number} {'x' * size}", choices=[1])
        except ValueError:  # so many are too many
            payload_ran("many" if number else "large")
        number += 1
