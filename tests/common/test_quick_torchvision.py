"""The checks start without torch's compiler, and code that uses it finds it."""

import os
import subprocess
import sys

from tests.support.corpus import ROOT

CODE = """
import sys
import grader.judge.pytest_plugin
import torch, torchvision
assert "torchvision.models" in sys.modules
assert not [name for name in sys.modules if name.startswith("torch._dynamo")]

from torchvision.ops import roi_align
box = torch.tensor([[0.0, 0.0, 0.0, 4.0, 4.0]])
assert roi_align(torch.ones(1, 1, 8, 8), box, 2).shape == (1, 1, 2, 2)

import torch._dynamo.utils
assert torch._dynamo.utils.counters is not None
from torchvision.ops.roi_align import is_compile_supported
assert is_compile_supported("cpu") == torch._dynamo.utils.is_compile_supported("cpu")
"""


def test_the_compiler_is_imported_when_it_is_used() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
