"""A local web server that misbehaves on request."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Site:
    """The content and the behaviour of the server.

    Attributes:
        content: path, such as "/weights.pth" → content.
        ranges: whether it supports range requests.
        cuts: for each of the first requests, after how many bytes the connection is cut.
        errors: the status codes of the first requests.
        shifted: by how many bytes the beginning of a requested range is wrong.
        chunked: whether it sends without a Content-Length.
        asked: "path", or "path from N", for every request.
    """

    content: dict[str, bytes]
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    shifted: int = 0
    chunked: bool = False
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def url(self, path: str) -> str:
        return f"http://{self.address}{path}"


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve a site at `site.address` during the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self, site)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.address = f"127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield site
        server.shutdown()


def answer(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.close_connection = True
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    start = int(asked[1]) if asked else 0
    site.asked.append(f"{handler.path} from {start}" if asked else handler.path)
    content = site.content.get(handler.path)
    if site.errors:
        handler.send_error(site.errors.pop(0))
    elif content is None:
        handler.send_error(404)
    elif asked and site.ranges and start >= len(content):
        handler.send_error(416)
    else:
        start = start + site.shifted if asked and site.ranges else 0
        send(handler, site, content, start, partial=bool(asked) and site.ranges)


def send(
    handler: BaseHTTPRequestHandler, site: Site, content: bytes, start: int, *, partial: bool
) -> None:
    handler.send_response(206 if partial else 200)
    if partial:
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.send_header("Content-Range", span)
    if site.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        handler.send_header("Content-Length", str(len(content) - start))
    handler.end_headers()
    whole = content[start:]
    body = whole[: site.cuts.pop(0)] if site.cuts else whole
    with suppress(ConnectionError):  # the client may have closed the connection
        if site.chunked:
            handler.wfile.write(b"%x\r\n" % len(whole))
        handler.wfile.write(body)
        if site.chunked and len(body) == len(whole):
            handler.wfile.write(b"\r\n0\r\n\r\n")
