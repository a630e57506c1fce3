"""GPU slots: how many submissions may use a GPU at the same time.

A slot is a lock file: the system releases it when its holder ends, however that happens.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from grader.common.errors import NeedsGpu

POLL_SECONDS: Final = 0.05
CUDA: Final = "cuda"


@dataclass(frozen=True)
class GpuSlots:
    """The slots of one grading.

    Attributes:
        folder: holds the lock files; all workers of the grading share it.
        count: how many slots there are.
        kind: "cuda"; tests let another kind of device stand in for it.
    """

    folder: Path
    count: int
    kind: str = CUDA

    @contextmanager
    def take(self) -> Iterator[str]:
        """Wait for a free slot and hold it; gives the name of its device, such as "cuda:0".

        Raises:
            NeedsGpu: when there are no slots, or no GPU.
        """
        devices = count_devices(self.kind) if self.count else 0
        if not devices:
            raise NeedsGpu(
                "This check needs a GPU, and there is none: it waits for a grading that has one."
            )
        number, lock = self._wait()
        try:
            yield f"{self.kind}:{number % devices}"
        finally:
            lock.release()

    def _wait(self) -> tuple[int, FileLock]:
        while True:
            for number in range(self.count):
                lock = FileLock(self.folder / f"gpu-{number}.lock")
                try:
                    lock.acquire(blocking=False)
                except Timeout:
                    continue
                return number, lock
            time.sleep(POLL_SECONDS)


def count_devices(kind: str) -> int:
    """How many devices of a kind there are; asking does not begin to use them."""
    if kind != CUDA:
        return 1
    # Ask the driver's management library instead of starting CUDA in this process
    # (https://docs.pytorch.org/docs/stable/notes/cuda.html#environment-variables).
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
