"""`python -m MODULE` as a process of its own, without paying for the import of torch each time.

A test that runs a command line spends seconds on importing libraries and little on what it tests.
So a server imports the libraries once (nothing of the kit), and each run is a fork of it. A run
finds the environment, folder, path and arguments that a new interpreter would find. What only a new
interpreter can show (another locale, options of Python, `sitecustomize`) needs a real one.
"""

import atexit
import io
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from pathlib import Path

LIBRARIES = ["matplotlib", "optuna", "pydantic", "rich", "torch", "torchvision", "typer", "yaml"]
OURS = ("benchmarks", "grader", "solutions", "tests")


def run_module(
    module: str, *arguments: str | Path, cwd: Path, env: Mapping[str, str], timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module arguments` in a folder, with nothing but `env` as its environment.

    Raises:
        subprocess.TimeoutExpired: when it takes longer than `timeout` seconds; it is ended.
    """
    command = [module, *map(str, arguments)]
    if not hasattr(os, "fork"):
        command = [sys.executable, "-m", *command]
        return subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, timeout=timeout
        )
    context = get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    with tempfile.TemporaryDirectory() as folder:
        printed = [Path(folder, name) for name in ("stdout", "stderr")]
        process = context.Process(
            target=_become,
            args=(command, str(cwd), dict(env), plain_path(), [str(path) for path in printed]),
        )
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, timeout)
        encoding = env.get("PYTHONIOENCODING", "utf-8")
        stdout, stderr = (path.read_text(encoding) for path in printed)
        return subprocess.CompletedProcess(command, process.exitcode, stdout, stderr)


@cache
def plain_path() -> list[str]:
    """What `sys.path` is in a new interpreter, less the folder that it begins with."""
    command = [sys.executable, "-c", "import sys; print(*sys.path[1:], sep='\\n')"]
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.check_output(command, env=environment, text=True).splitlines()


def _become(
    command: list[str],
    folder: str,
    environment: dict[str, str],
    path: list[str],
    printed: list[str],
) -> None:
    """Turn this process into one that has just been started with `python -m`."""
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    for stream, name in zip((sys.stdout, sys.stderr), printed, strict=True):
        file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, stream.fileno())
        os.close(file)
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding=encoding)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS:
            del sys.modules[name]
    first = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:] = [folder, *first, *path]
    sys.argv[:] = command
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # as a new interpreter would, unlike a fork
