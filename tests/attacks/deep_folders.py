"""A submission cannot crash what cleans up after it by folders that are nested too deeply."""

import os

try:
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
finally:
    while True:  # until it is stopped
        pass
