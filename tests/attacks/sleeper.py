"""A submission cannot hold up the class for long by sleeping."""

import time


def find_head(model):
    time.sleep(60)
