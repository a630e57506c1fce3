"""The search for canaries finds them in every form; else a clean release would prove nothing."""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.canary import HIDDEN, find_mark, forms_in

AROUND = "\n".join(f"line {number} of what is around it" for number in range(40))
TEXT = f"{AROUND}\n# {HIDDEN} here\n{AROUND}".encode()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", content)
    return buffer.getvalue()


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("inner.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def in_a_page(content: bytes) -> bytes:
    return b"<img src='data:application/zip;base64," + base64.b64encode(content) + b"'>"


def in_a_notebook(content: bytes) -> bytes:
    return json.dumps({"data": {"image/png": base64.encodebytes(content).decode()}}).encode()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda content: content,
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "hex": lambda content: content.hex().encode(),
    "base64": base64.b64encode,
    "base64, one byte later": lambda content: base64.b64encode(b"x" + content),
    "base64, two bytes later": lambda content: base64.urlsafe_b64encode(b"xx" + content),
    "base64 in lines": base64.encodebytes,
    "base64 in lines in a notebook": in_a_notebook,
    "base64 in base64": lambda content: base64.b64encode(base64.b64encode(content)),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zlib, in the middle": lambda content: b"\x00" * 33 + zlib.compress(content, 9) + b"end",
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "pickle": lambda content: pickle.dumps({"content": content}),
    "zip": zipped,
    "zip with something before it": lambda content: b"#!/bin/sh\n" + zipped(content),
    "zip in zip": lambda content: zipped(zipped(content)),
    "tar.gz": tarred,
    "zip in a page": lambda content: in_a_page(zipped(content)),
    "gzip in a notebook": lambda content: in_a_notebook(gzip.compress(content)),
    "base64 in zlib in base64": lambda content: base64.b64encode(
        zlib.compress(base64.b64encode(content))
    ),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_mark_is_found_however_it_is_packed(packing: str) -> None:
    assert list(forms_in(PACKINGS[packing](TEXT), [HIDDEN]))


@pytest.mark.parametrize("packing", PACKINGS)
def test_nothing_is_found_where_nothing_is(packing: str) -> None:
    content = TEXT.replace(HIDDEN.encode(), b"canary")
    assert not list(forms_in(PACKINGS[packing](content), [HIDDEN]))


def test_a_mark_is_found_in_a_database_and_in_a_files_name(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("CREATE TABLE cell (source TEXT, packed BLOB)")
        connection.execute("INSERT INTO cell VALUES (?, ?)", ("-" * 470 + TEXT.decode(), b""))
        connection.execute("INSERT INTO cell VALUES ('', ?)", (zlib.compress(TEXT),))
    connection.close()
    (tmp_path / f"{HIDDEN}.txt").write_text("nothing")
    found = find_mark(HIDDEN, tmp_path)
    assert [line for line in found if "in its name" in line]
    assert [line for line in found if "SQLite > text" in line]
    assert [line for line in found if "SQLite > compressed" in line]


def test_noise_does_not_stop_the_finder() -> None:
    noise = os.urandom(1 << 18) + b"PK\x03\x04" + os.urandom(100) + b"\x78\x9c" + os.urandom(100)
    assert list(forms_in(noise + TEXT, [HIDDEN])) == [(HIDDEN, "text")]
