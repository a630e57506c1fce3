"""What all tests share: one thread, and sandboxes that have been started already."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
import torch

# As in the sandbox: with two, small operations are slower on a busy machine. The variable is for
# the processes that tests start.
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def warm_sandbox() -> Iterator[Callable[..., Any]]:
    """A function that returns a sandbox in some mode, always the same one: starting it is slow."""
    from grader.sandbox.fork_server import Sandbox  # needs a POSIX system

    with ExitStack() as running:
        yield cache(lambda mode: running.enter_context(Sandbox(mode)))
