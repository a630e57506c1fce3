"""Sends frames over a socket: a length, then that many bytes, bounded and with a deadline."""

import socket
import struct
import time
from typing import Final

_LENGTH: Final = struct.Struct("<Q")
LARGEST: Final = 1 << 30


class Stream:
    """Sends and receives whole frames.

    Args:
        connection: a connected stream socket.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send one frame; `TimeoutError` after the deadline, in terms of `time.monotonic`."""
        self._wait_until(deadline)
        self.connection.sendall(_LENGTH.pack(len(frame)))
        self._wait_until(deadline)
        self.connection.sendall(frame)

    def receive(self, deadline: float | None = None, largest: int = LARGEST) -> bytes:
        """Receive one frame.

        Raises:
            TimeoutError: when the deadline has passed.
            EOFError: when the other side has closed the connection.
            ValueError: when the frame announces more than `largest` bytes.
        """
        [length] = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > largest:
            raise ValueError(f"a frame of {length} bytes is announced, above {largest}")
        return self._exactly(length, deadline)

    def _exactly(self, count: int, deadline: float | None) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            self._wait_until(deadline)
            part = self.connection.recv(min(count - len(parts), 1 << 20))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def _wait_until(self, deadline: float | None) -> None:
        if deadline is None:
            self.connection.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)
