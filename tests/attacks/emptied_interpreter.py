"""A submission cannot disturb the next one by taking the interpreter apart."""

import builtins
import gc
import sys

for name in list(sys.modules):
    if name.startswith(("torch", "grader", "json", "os", "_pytest")):
        sys.modules[name] = None
gc.disable()
sys.setswitchinterval(100)
for name in ("print", "open", "len", "range", "Exception", "__import__"):
    setattr(builtins, name, None)
payload_ran()
