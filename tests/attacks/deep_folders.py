"""A submission cannot crash what cleans up after it by folders that are nested too deeply."""

import os

try:
    for depth in range(3000):
        os.mkdir("d")
        os.chdir("d")
        if depth == 40:  # of the 50 entries that it may have
            payload_ran()
finally:
    while True:  # until it is stopped
        pass
