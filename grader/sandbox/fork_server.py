"""The judge's side of the sandbox: starts the fork server, and runners one after the other."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from grader.common.child_process import SINGLE_THREAD
from grader.common.errors import KitError, ServerGone
from grader.common.files import remove_trees
from grader.common.fingerprint import KIT
from grader.sandbox.bubblewrap import wrapper
from grader.sandbox.channel import RunnerChannel
from grader.sandbox.layers import Layer, Mode, find_layers, find_mode
from grader.sandbox.lockdown import SCRATCH_PREFIX, WHICH_GPU, RunnerLimits
from grader.sandbox.readable import readable_paths, site

START_SECONDS: Final = 120
# User ids that nothing else on a machine uses (https://systemd.io/UIDS-GIDS): every process with
# one of them belongs to a runner, and may be killed.
RUNNER_USERS: Final = range(60_600, 61_184)

# The server is isolated from the environment and the current folder, so it gets the folders in
# which this process found the kit and torch.
_BOOT: Final = (
    "import sys; sys.path[:0] = sys.argv.pop(1).split(chr(10)); "
    "from grader.sandbox.server import main; main()"
)


class Sandbox:
    """A fork server and the runners that it starts, one at a time.

    As a context manager, it ends all its processes and removes its files on exit.
    """

    def __init__(self, mode: Mode | None = None) -> None:
        self.mode = mode or find_mode()
        if self.mode.user is not None:  # a user that no simultaneous grading is likely to have
            self.mode = replace(self.mode, user=secrets.choice(RUNNER_USERS))
        self.layers: list[Layer] = find_layers(self.mode)
        self.scratch = tempfile.TemporaryDirectory(prefix="grader-sandbox-")
        self._start()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and everything that runs in it."""
        self.control.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._sweep()
        self.scratch.cleanup()

    def run(
        self, file_name: str, content: bytes, limits: RunnerLimits, *, gpu: bool = False
    ) -> RunnerChannel:
        """Start a runner for one submission, with the GPU's devices or without."""
        if self.process.poll() is not None:
            self._restart()
        return RunnerChannel(self, file_name, content, limits, gpu=gpu)

    def order(self, order: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        """Send an order to the server."""
        try:
            socket.send_fds(self.control, [json.dumps(order).encode()], list(descriptors))
        except OSError:
            raise ServerGone("the sandbox's server is gone") from None

    def _places(self) -> dict[str, str]:
        """Environment variables: the folder for caches and, without namespaces, scratch folders."""
        if self.mode.namespaces:
            return {"HOME": "/tmp", "TMPDIR": "/tmp"}
        Path(self.scratch.name).chmod(0o711)
        return {"HOME": self.scratch.name, "TMPDIR": self.scratch.name}

    def _sweep(self) -> None:
        """Remove the scratch folders of runners without namespaces."""
        remove_trees(list(Path(self.scratch.name).glob(f"{SCRATCH_PREFIX}*")))

    def ended(self) -> dict[str, Any]:
        """How the latest runner ended; the server is restarted when it does not answer."""
        self.control.settimeout(10)
        try:
            message = self.control.recv(1 << 16)
            self._sweep()
            return dict(json.loads(message)["ended"])
        except (OSError, ValueError):
            self._restart()
            return {"code": None, "reason": "lost"}

    def _restart(self) -> None:
        """Restart the server, which was killed or does not answer."""
        self.process.kill()
        self.process.wait()
        self.control.close()
        self._sweep()
        self._start()

    def _start(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        setup = {
            "namespaces": self.mode.namespaces,
            "user": self.mode.user,
            "landlock": self.mode.landlock,
            "seccomp": self.mode.seccomp,
            "devices": self.mode.devices,
            "readable": [str(path) for path in readable_paths()],
        }
        modules = f"{KIT.resolve().parent}\n{site()}"
        python = [sys.executable, "-I", "-c", _BOOT, modules, str(theirs.fileno())]
        self.process = subprocess.Popen(
            [*wrapper(self.mode), *python, json.dumps(setup)],
            pass_fds=[theirs.fileno()],
            env={**_environment(), **self._places(), **SINGLE_THREAD},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
        )
        theirs.close()
        self.control.settimeout(START_SECONDS)
        if not self.control.recv(1 << 16):
            _, errors = self.process.communicate()
            last = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise KitError(f"the sandbox does not start: {' '.join(last) or 'no message'}")


def _environment() -> dict[str, str]:
    """The server's environment variables.

    USER is for torch 2.11, which asks for a user's name even when the user has no entry in
    `/etc/passwd`. For GPUs, the variables for the driver's libraries and the choice of a GPU are
    kept.
    """
    kept = {n: os.environ[n] for n in ("LD_LIBRARY_PATH", *WHICH_GPU) if n in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "USER": "grader", **kept}
