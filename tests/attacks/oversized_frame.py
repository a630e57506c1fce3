"""A submission cannot make the judge reserve memory by announcing an enormous frame."""

import os
import struct
import time

announced = struct.pack("<Q", 1 << 62)
os.write(3, announced[:-1])
payload_ran()
os.write(3, announced[-1:] + b"=")
time.sleep(20)
