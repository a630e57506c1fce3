"""Worker processes with the interface of `concurrent.futures`.

When one process of a `ProcessPoolExecutor` dies, the whole pool is broken. So each worker here is a
pool of one process: if it dies, only its own job is lost, and the worker is replaced.
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
    """A number of worker processes, each started when it is first needed.

    If a process dies, its future raises `BrokenExecutor`; other futures are not affected.

    Args:
        workers: how many processes.
        temporary: where they keep temporary files; the pool's owner removes it.
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
        """Stop the workers; with `cancel_futures`, also kill those that are running a job."""
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
            if self.killed:  # `kill` was called while it was starting
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
    """Set up a new worker: ignore Ctrl-C, exit when the parent exits, use a single thread."""
    os.environ.update(SINGLE_THREAD)  # before torch is imported
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = temporary
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
