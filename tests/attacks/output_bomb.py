"""A submission cannot fill the report, the memory or the disk by printing."""

import os
import sys

for _ in range(500):
    os.write(1, b"spam " * 20_000)
print("END OF SPAM", file=sys.stderr)
payload_ran()
raise RuntimeError("spam " * 1_000_000)
