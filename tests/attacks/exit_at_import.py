"""A submission cannot end the grading by leaving while it is imported."""

import sys

payload_ran()
sys.exit(0)
