"""A submission cannot end the grading by leaving while it is imported."""

import sys

sys.exit(0)
