"""GPU slots, which limit how many submissions use a GPU at the same time.

A slot is a lock file, which the system releases even when the process that holds it crashes.
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
        folder: the folder of the lock files, shared by all workers of the grading.
        count: the number of slots.
        kind: the kind of device: "cuda", or a substitute in tests.
    """

    folder: Path
    count: int
    kind: str = CUDA

    @contextmanager
    def take(self) -> Iterator[str]:
        """Wait for a free slot and hold it; yields the name of its device, such as "cuda:0".

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
    """The number of devices of a kind, counted without starting CUDA."""
    if kind != CUDA:
        return 1
    # Ask the driver's management library instead of starting CUDA in this process
    # (https://docs.pytorch.org/docs/stable/notes/cuda.html#environment-variables).
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0
