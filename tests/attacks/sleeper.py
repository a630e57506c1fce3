"""A submission cannot hold up the class for long by sleeping."""

import time


def find_head(model):
    payload_ran()
    time.sleep(60)
