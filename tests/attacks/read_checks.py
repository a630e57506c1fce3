"""A submission cannot read the hidden checks."""

import importlib
from pathlib import Path

import grader

folder = Path(grader.__file__).parent / "checks"
texts = []
try:
    texts += [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    texts += [(folder / "test_03_head.py").read_bytes()]
except OSError:
    pass
try:
    texts.append(importlib.import_module("grader.checks.test_03_head").__file__)
except ImportError:
    pass
if texts:
    exec(PRIZE, globals())
