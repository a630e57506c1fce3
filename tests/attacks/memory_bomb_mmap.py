"""A submission cannot take more memory than its limit in shared, anonymous pages."""

import mmap

areas = []
try:
    for _ in range(13):
        area = mmap.mmap(-1, 64 << 20)
        for page in range(0, 64 << 20, 4096):
            area[page] = 1
        areas.append(area)
    exec(PRIZE, globals())
except OSError:
    payload_ran()
    raise
