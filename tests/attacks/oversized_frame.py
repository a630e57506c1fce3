"""A submission cannot make the judge reserve memory by announcing an enormous frame."""

import os
import struct
import time

os.write(3, struct.pack("<Q", 1 << 62) + b"=")
time.sleep(20)
