"""A submission cannot leave files behind in folders that it has closed to everybody."""

import os

os.makedirs("closed/inner")
open("closed/inner/file", "w").close()
os.chmod("closed/inner", 0)
os.chmod("closed", 0)
payload_ran()
os._exit(0)
