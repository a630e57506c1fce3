"""A submission cannot hang the judge by no longer reading what it sends."""

import os
import time


def find_head(model):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 3)
    time.sleep(60)
