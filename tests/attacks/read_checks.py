"""A submission cannot read the hidden checks."""

import importlib
import sys
from pathlib import Path

CHECKS = "grader.checks.test_03_head"
folder = Path(sys.modules["grader"].__file__).parent / "checks"
ATTEMPTS = (
    lambda: [path.read_bytes() for path in folder.rglob("*") if path.is_file()],
    lambda: (folder / "test_03_head.py").read_bytes(),
    lambda: importlib.import_module(CHECKS).__file__,
)
texts = []
for attempt in ATTEMPTS:
    try:
        texts += attempt()
    except (ImportError, OSError):
        pass
payload_ran()
if texts:
    exec(PRIZE, globals())
