"""Resumable downloads over HTTP, with nothing but the standard library."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from filelock import FileLock, Timeout

from grader.common.errors import DownloadFailed, UserError
from grader.materials.wanted_files import MIB, Wanted

OnBytes = Callable[[int], None]
_BLOCK: Final = 1 << 16
_PASSING: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_ANOTHER_HASH: Final = (
    "what it sent has the wrong hash and was deleted (is there a login page in between?)"
)


class _Refused(Exception):
    """An address is given up: another try would fail in the same way, or no tries are left."""


class _Broken(Exception):
    """The transfer failed, and another try may succeed."""


class _Silent(_Broken):
    """The server refused the connection or did not answer."""


@dataclass(frozen=True)
class Patience:
    """Timeouts and retries.

    Attributes:
        seconds: the timeout for connecting and for each read.
        tries: the number of tries per address; half as many where the server never answers.
        pause: the seconds before the second try, doubled before each further try.
    """

    seconds: float = 20
    tries: int = 4
    pause: float = 1


@dataclass(frozen=True)
class Downloads:
    """The downloads of one run.

    Attributes:
        patience: the timeouts and retries for every server.
        silent: the servers that never answered; they are not tried again.
    """

    patience: Patience = Patience()
    silent: set[str] = field(default_factory=set)

    def fetch(self, wanted: Wanted, on_bytes: OnBytes) -> None:
        """Download a file to its place, where it appears whole or not at all.

        A partial download is kept beside it (`.part`), and the next call resumes it.

        Args:
            wanted: the file to download.
            on_bytes: a function that is called with the number of bytes received so far.

        Raises:
            DownloadFailed: when no server provides the file.
            UserError: when it cannot be written, or another process is downloading it.
        """
        part = wanted.path.with_name(f"{wanted.path.name}.part")
        problems = []
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            with _alone(wanted.path):
                for url in wanted.urls:
                    try:
                        self._fetch_from(url, wanted, part, on_bytes)
                    except _Refused as refused:
                        problems.append(f"{urlsplit(url).netloc}: {refused}")
                    else:
                        part.replace(wanted.path)
                        return
        except OSError as error:
            raise UserError(f"{part} cannot be written: {error.strerror or error}") from None
        raise DownloadFailed("; ".join(problems))

    def _fetch_from(self, url: str, wanted: Wanted, part: Path, on_bytes: OnBytes) -> None:
        """Complete `part` from one address, with retries; `_Refused` when that fails."""
        host = urlsplit(url).netloc
        if host in self.silent:
            raise _Refused("not tried again, since it did not answer before")
        problem = ""
        answered = False
        for number in range(self.patience.tries):
            time.sleep(self.patience.pause * 2 ** (number - 1) if number else 0)
            begun = _size(part)
            try:
                _receive(url, wanted, part, self.patience.seconds, on_bytes)
            except _Silent as error:
                problem = str(error)
                if not answered and 2 * (number + 1) >= self.patience.tries:
                    self.silent.add(host)
                    break
            except _Broken as error:
                problem, answered = str(error), True
            else:
                if wanted.is_whole(part):
                    return
                part.unlink()
                problem, answered = _ANOTHER_HASH, True
                if not begun:  # otherwise the part left by an earlier download may be wrong: retry
                    break
        raise _Refused(problem)


def _receive(url: str, wanted: Wanted, part: Path, seconds: float, on_bytes: OnBytes) -> None:
    """Append the missing bytes to `part`, or rewrite it where the server cannot resume.

    Raises:
        _Broken: when the transfer ended early.
        _Refused: when the server does not provide the file.
    """
    begun = _size(part)
    try:
        response = _ask(url, begun, seconds)
    except HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and begun:
            return  # no bytes are missing: the caller compares the hash
        reason = f"HTTP {error.code} {error.reason}"
        passing = error.code in _PASSING or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise (_Broken if passing else _Refused)(reason) from None
    with response:
        start = _start(response, begun)
        whole = None if response.length is None else start + response.length
        if whole is not None and whole > wanted.size:
            raise _Refused(_too_large(whole, wanted))
        with part.open("ab" if start else "wb") as file:
            on_bytes(start)
            for block in _blocks(response):
                file.write(block)
                if file.tell() > wanted.size:
                    raise _Refused(_too_large(file.tell(), wanted))
                on_bytes(file.tell())
            if whole is not None and file.tell() < whole:
                raise _Broken(f"the connection broke off after {file.tell()} of {whole} bytes")
            file.flush()
            os.fsync(file.fileno())


def _ask(url: str, begun: int, seconds: float) -> HTTPResponse:
    """Request the file from byte `begun` on, and return the response."""
    headers = {"User-Agent": "grader", "Accept-Encoding": "identity"}
    if begun:
        headers["Range"] = f"bytes={begun}-"
    try:
        answer: HTTPResponse = urlopen(Request(url, headers=headers), timeout=seconds)
    except HTTPError:
        raise
    except (OSError, HTTPException) as error:
        cause = error.reason if isinstance(error, URLError) else error
        raise _Silent(f"does not answer ({_reason(cause)})") from None
    return answer


def _start(response: HTTPResponse, begun: int) -> int:
    """The position in the file at which the response begins."""
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        return 0
    if not response.headers.get("Content-Range", "").startswith(f"bytes {begun}-"):
        raise _Refused("it sent a different part of the file from the one requested")
    return begun


def _blocks(response: HTTPResponse) -> Iterator[bytes]:
    """The response's content, block by block as it arrives."""
    try:
        while block := response.read1(_BLOCK):
            yield block
    except (OSError, HTTPException) as error:
        raise _Broken(f"the connection broke off ({_reason(error)})") from None


def _reason(error: object) -> str:
    """The reason of a failed connection or transfer, in one line."""
    if isinstance(error, TimeoutError):
        return "timeout"
    said = error.strerror if isinstance(error, OSError) else None
    return " ".join(str(said or error or type(error).__name__).split())


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _too_large(size: int, wanted: Wanted) -> str:
    return f"it sends {size / MIB:.1f} MiB or more, but the file has {wanted.size / MIB:.1f} MiB"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Make sure that no other process downloads the same file at the same time."""
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise UserError(
            f"{path.name} is being downloaded by another process: wait until it is done"
        ) from None
    try:
        yield
    finally:
        with suppress(OSError):  # on Windows, the release removes the file
            Path(lock.lock_file).unlink()
        lock.release()
