"""Worker processes behind the interface of `concurrent.futures`.

A `ProcessPoolExecutor` is lost as a whole when one of its processes dies. Here every process is a
pool of its own: who dies takes its own job along, and is replaced.
"""

import multiprocessing
import os
import queue
import signal
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from grader.common.child_process import SINGLE_THREAD

_T = TypeVar("_T")


class WorkerPool(Executor):
    """Some worker processes, started when they are first needed.

    A future whose process died raises `BrokenExecutor`, and no other future is touched by it.

    Args:
        workers: how many processes.
        temporary: where they keep temporary files; who owns the pool removes it.
    """

    def __init__(self, workers: int, temporary: Path) -> None:
        self.temporary = temporary
        self.free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self.workers = [_Worker(temporary) for _ in range(workers)]
        for worker in self.workers:
            self.free.put(worker)
        self.threads = ThreadPoolExecutor(workers)

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Run a function in a worker; it and its arguments must be picklable."""
        return self.threads.submit(lambda: self._run(fn, *args, **kwargs))

    def _run(self, fn: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        worker = self.free.get()
        try:
            return worker.run(fn, *args, **kwargs)
        finally:
            self.free.put(worker)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: at once, with what they do, when their futures are to be cancelled."""
        self.threads.shutdown(wait=False, cancel_futures=cancel_futures)
        if cancel_futures:
            for worker in self.workers:
                worker.kill()
        self.threads.shutdown(wait=wait)
        for worker in self.workers:
            worker.close()


class _Worker:
    """One process, replaced when it has died."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        self.process: ProcessPoolExecutor | None = None
        self.id: int | None = None
        self.killed = False

    def run(self, fn: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        if self.process is None:
            self.process = ProcessPoolExecutor(
                max_workers=1,
                # A fresh interpreter: a fork would copy whatever threads this process has.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(str(self.temporary),),
            )
        try:
            self.id = self.process.submit(os.getpid).result()
            if self.killed:  # while it was starting
                raise BrokenExecutor("the pool was shut down")
            return self.process.submit(fn, *args, **kwargs).result()
        except BrokenExecutor:
            self.close()
            raise

    def kill(self) -> None:
        self.killed = True
        if self.id is not None:
            with suppress(ProcessLookupError):
                os.kill(self.id, signal.SIGTERM)

    def close(self) -> None:
        if self.process is not None:
            self.process.shutdown()
        self.process = self.id = None


def _begin(temporary: str) -> None:
    """In a new worker: leave Ctrl-C to the parent, end with it, and keep to one core."""
    os.environ.update(SINGLE_THREAD)  # before torch is imported
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = temporary
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
