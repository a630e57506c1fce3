"""Canaries: puts marks into everything that is secret, and finds marks that have leaked.

`plant` copies the kit and puts a mark into every hidden check, every solution, the labels of real
images and the course's secret. `find_mark` searches whatever the copy writes for a mark: as text,
in UTF-16, hex and base64, and inside archives, compressed streams, base64 and SQLite.
"""

import ast
import base64
import binascii
import bz2
import hashlib
import io
import lzma
import os
import re
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

HIDDEN = "canary4hiddenchecks7f21c09be5"  # alphanumeric: no syntax highlighter splits it
ANSWERS = "canary4solutions3d86a4017fce"
LABELS = "data/FashionMNIST/raw/t10k-labels-idx1-ubyte"
SECRET = ".grader-secret"
COPIED = ("grader", "exercises", "solutions", "course.yaml", "pyproject.toml", "constraints.txt")
COPIED_TOO = ("LICENSE", "nbgrader_config.py")

DEEPEST = 6  # the deepest nesting of archives
MOST = 256 << 20  # the most bytes that are unpacked from one stream
STREAMS: dict[bytes, Callable[[], object]] = {
    b"\x1f\x8b\x08": lambda: zlib.decompressobj(31),
    b"\x78\x01": zlib.decompressobj,
    b"\x78\x5e": zlib.decompressobj,
    b"\x78\x9c": zlib.decompressobj,
    b"\x78\xda": zlib.decompressobj,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}
STREAM = re.compile(b"|".join(re.escape(magic) for magic in STREAMS))
ZIP = b"PK\x03\x04"
SQLITE = b"SQLite format 3\x00"
# Runs of base64, with or without line breaks; a line break may be escaped, as in JSON.
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}(?:(?:\r|\n|\\r|\\n)+[A-Za-z0-9+/_-]+)*")


@dataclass(frozen=True)
class Planted:
    """A copy of the kit with marks in it.

    Attributes:
        root: the copy's folder.
        hidden: the number of marks in hidden checks and other secrets.
        answers: the number of marks in solutions.
    """

    root: Path
    hidden: int
    answers: int


def plant(root: Path, kit: Path) -> Planted:
    """Copy a kit into an empty folder, and mark everything secret in it."""
    for name in (*COPIED, *COPIED_TOO):
        if (kit / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(kit / name, root / name, ignore=ignored)
        elif (kit / name).is_file():
            shutil.copy(kit / name, root / name)
    hidden = sum(_mark_functions(path, HIDDEN) for path in root.glob("grader/checks/*.py"))
    answers = sum(_mark_functions(path, ANSWERS) for path in root.glob("solutions/*.py"))
    (root / LABELS).parent.mkdir(parents=True)
    (root / LABELS).write_bytes(f"{HIDDEN} labels".encode())
    return Planted(root, hidden + 1, answers)


def _mark_functions(path: Path, mark: str) -> int:
    """Put a comment and a string with the mark into every function; returns their number."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    count = 0
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda f: f.lineno, reverse=True):
        first = function.body[0]
        if first.lineno == function.lineno:
            continue  # the whole function is on one line
        after = ast.get_docstring(function) is not None
        at = (first.end_lineno or first.lineno) if after else _begins(first) - 1
        indent = " " * first.col_offset
        lines[at:at] = [f"{indent}# {mark} {function.name}", f'{indent}"{mark} {function.name}"']
        count += 1
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return count


def _begins(statement: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def find_mark(mark: str, *places: Path) -> list[str]:
    """Find a mark in files and folders, in any form; one line for each: "path > … > form".

    Args:
        mark: the mark, letters and digits only.
        *places: files, or folders that are searched recursively.
    """
    return find_marks([mark], *places)[mark]


def find_marks(marks: Sequence[str], *places: Path) -> dict[str, list[str]]:
    """Find several marks, which takes hardly longer than for one."""
    found: dict[str, list[str]] = {mark: [] for mark in marks}
    clean: set[bytes] = set()
    for place in places:
        files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
        for path in files:
            for mark in marks:
                if mark in path.name:
                    found[mark].append(f"{path} > in its name")
            for mark, how in forms_in(path.read_bytes(), marks, clean=clean):
                found[mark].append(f"{path} > {how}")
    return found


def forms_in(
    data: bytes, marks: Sequence[str], *, depth: int = 0, clean: set[bytes] | None = None
) -> Iterator[tuple[str, str]]:
    """Find marks in some bytes, also if they are packed, and yield each with its form.

    Args:
        data: the bytes to search.
        marks: the marks to look for.
        depth: how many layers were unpacked before.
        clean: digests of bytes in which nothing was found; new ones are added.
    """
    clean = set() if clean is None else clean
    digest = hashlib.sha256(data).digest()
    if digest in clean:  # the same file in a folder and in its archive
        return
    found = False
    for mark in marks:
        for how, form in _forms(mark).items():
            if form in data:
                found = True
                yield mark, how
    for how, inner in _unpacked(data) if depth < DEEPEST else ():
        for mark, deeper in forms_in(inner, marks, depth=depth + 1, clean=clean):
            found = True
            yield mark, f"{how} > {deeper}"
    if not (found or depth):  # at deeper levels, fewer layers were unpacked
        clean.add(digest)


def _forms(mark: str) -> dict[str, bytes]:
    """The forms of a mark as bytes; for base64, one for each of the three possible offsets."""
    plain = mark.encode()
    forms = {
        "text": plain,
        "UTF-16": mark.encode("utf-16-le"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "reversed": plain[::-1],
    }
    for shift in range(3):
        shifted = base64.b64encode(b"\0" * shift + plain)
        # The first characters contain bits of the text before, the last ones of the text after.
        forms[f"base64+{shift}"] = shifted[4 if shift else 0 : -4]
    return forms


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    if ZIP in data:
        yield from _zip_members(data)
    if data.startswith(SQLITE):
        yield "SQLite", _rows(data)
    for match in STREAM.finditer(data):
        inner = _inflated(STREAMS[match[0]](), data[match.start() :])
        if len(inner) > 8:
            yield f"compressed at {match.start()}", inner
    for match in BASE64.finditer(data):
        run = re.sub(rb"\\r|\\n|[\r\n]", b"", match[0]).translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            yield f"base64 at {match.start() + shift}", _from_base64(run[shift:])


def _zip_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield f"zip, {info.filename}", info.filename.encode() + b"\n" + archive.read(info)
    except (BadZipFile, NotImplementedError, RuntimeError, zlib.error):
        return


def _inflated(stream: object, data: bytes) -> bytes:
    """The unpacked content of a stream, as far as it can be read."""
    out = bytearray()
    # In small pieces, to get the beginning even if the stream is truncated.
    for start in range(0, len(data), 1 << 14):
        try:
            out += stream.decompress(data[start : start + (1 << 14)])  # type: ignore[attr-defined]
        except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
            break
        if stream.eof or len(out) > MOST:  # type: ignore[attr-defined]
            break
    return bytes(out)


def _from_base64(run: bytes) -> bytes:
    try:
        whole = run[:-1] if len(run) % 4 == 1 else run
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _rows(data: bytes) -> bytes:
    """All values of a database; in the raw file, long values are spread over several pages."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "copy.db")  # noqa: PTH118 (a path for sqlite)
        Path(path).write_bytes(data)
        out = []
        try:
            with closing(sqlite3.connect(path)) as connection:
                tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in tables.fetchall():
                    for row in connection.execute(f'SELECT * FROM "{table}"'):
                        out += [v if isinstance(v, bytes) else str(v).encode() for v in row]
        except sqlite3.Error:
            pass
        return b"\n".join(out)
