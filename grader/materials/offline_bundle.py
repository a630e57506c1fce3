"""Bundles: all files that a course needs in one file, for machines without a network.

A bundle is an uncompressed zip archive whose first member is a manifest. It is untrusted: its names
are looked up among those of the files that the course needs (a name in a bundle never becomes a
path), sizes are bounded by what the course expects, and everything is read and hashed once before
the first byte is written.
"""

import hashlib
import stat
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.common.errors import UserError
from grader.common.files import whole_file
from grader.materials.wanted_files import HEAD, MIB, FileState, Kind, Wanted, inspect, new_hash

MANIFEST: Final = "manifest.json"
_LARGEST_MANIFEST: Final = MIB
_ENCRYPTED: Final = 0x1
# Exceptions that `zipfile` raises for anything but an ordinary zip archive.
_UNREADABLE: Final = (BadZipFile, EOFError, OSError, RuntimeError, ValueError, struct.error)


class _BadBundle(Exception):
    """A bundle is invalid; the message says in one line what is wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Entry(_Part):
    """One file of the bundle, whose member in the archive is named `kind/name`."""

    kind: Kind
    name: str
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def member(self) -> str:
        return f"{self.kind}/{self.name}"


class _Manifest(_Part):
    """The list of a bundle's files."""

    version: Literal[1]
    files: list[_Entry]


@dataclass(frozen=True)
class _Member:
    """A file in a bundle that the course needs.

    Attributes:
        info: the file's member in the archive.
        entry: the file's entry in the manifest.
        wanted: the needed file that it provides.
        target: the path to write it to: `wanted.path`, or `wanted.read_path` if it is unpacked.
    """

    info: ZipInfo
    entry: _Entry
    wanted: Wanted
    target: Path


def pack(path: Path, files: Sequence[Wanted]) -> None:
    """Write a bundle; the same files give the same bytes.

    Args:
        path: the bundle to write; an existing file is replaced.
        files: the files to include, all of which must exist. Where both a packed file and its
            unpacked form exist, the packed one is included.

    Raises:
        UserError: when a file cannot be read or the bundle cannot be written.
    """
    sources = {}
    for wanted in files:
        source = wanted.path if wanted.path.is_file() else wanted.read_path
        name = wanted.name if wanted.path.is_file() else wanted.read_name
        sources[_entry(wanted.kind, name, source)] = source
    entries = sorted(sources, key=lambda entry: entry.member)
    manifest = _Manifest(version=1, files=entries).model_dump_json(indent=1).encode()
    with whole_file(path) as file, ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(_info(MANIFEST, len(manifest)), manifest)
        for entry in entries:
            with archive.open(_info(entry.member, entry.size), "w") as member:
                hashed = hashlib.sha256()
                with sources[entry].open("rb") as source_file:
                    while block := source_file.read(MIB):
                        hashed.update(block)
                        member.write(block)
            if hashed.hexdigest() != entry.sha256:
                raise UserError(f"{sources[entry]} changed while it was packed: try again")


def unpack_bundle(path: Path, files: Sequence[Wanted]) -> list[Wanted]:
    """Put a bundle's files into their places; files that are there already and whole are kept.

    Args:
        path: the bundle.
        files: the files that the course needs; a bundle with any other is refused.

    Returns:
        The files that were written.

    Raises:
        UserError: when the bundle is invalid (then nothing is written), or a file cannot be
            written.
    """
    try:
        if (
            path.stat().st_size
            > sum(max(w.size, w.unpacked) for w in files) + 2 * _LARGEST_MANIFEST
        ):
            raise _BadBundle("it is larger than all the files that this course needs")
        with ZipFile(path) as archive:
            members = _members(archive, files)
            for member in members:
                _copy(archive, member, lambda block: None)
            lacking = [
                m for m in members if inspect(m.wanted) not in (FileState.PRESENT, FileState.PACKED)
            ]
            for member in lacking:
                _place(archive, member)
    except (_BadBundle, *_UNREADABLE) as error:
        said = error.strerror if isinstance(error, OSError) else None
        reason = said or str(error) or "it is cut off"
        raise UserError(f"{path} is not a usable bundle: {reason}") from None
    return [member.wanted for member in lacking]


def _entry(kind: Kind, name: str, source: Path) -> _Entry:
    try:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return _Entry(kind=kind, name=name, size=file.tell(), sha256=digest)
    except OSError as error:
        raise UserError(f"{source} cannot be read: {error.strerror or error}") from None


def _info(name: str, size: int) -> ZipInfo:
    """A member's header, the same on every machine and at any time."""
    info = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.create_system = 3  # Unix, since otherwise the permissions are ignored
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.file_size = size
    return info


def _members(archive: ZipFile, files: Sequence[Wanted]) -> list[_Member]:
    """A bundle's files, after every check that needs no content; `_BadBundle` if one fails."""
    infos = {info.filename: info for info in archive.infolist()}
    if len(infos) < len(archive.infolist()):
        raise _BadBundle("it contains a name twice")
    for info in infos.values():
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _BadBundle(f"{_short(info.filename)} is not a regular file")
        stored = info.compress_type == ZIP_STORED and info.compress_size == info.file_size
        if not stored or info.flag_bits & _ENCRYPTED:
            raise _BadBundle(f"{_short(info.filename)} is compressed or encrypted")
    entries = _manifest(archive, infos.pop(MANIFEST, None)).files
    listed = {entry.member for entry in entries}
    if len(listed) < len(entries) or listed != infos.keys():
        raise _BadBundle(f"it does not hold exactly what its {MANIFEST} lists")
    members = [_member(infos[entry.member], entry, files) for entry in entries]
    if len({member.wanted for member in members}) < len(members):
        raise _BadBundle("it contains a file twice, packed and unpacked")
    return members


def _manifest(archive: ZipFile, info: ZipInfo | None) -> _Manifest:
    if info is None or info.file_size > _LARGEST_MANIFEST:
        raise _BadBundle(f"it has no {MANIFEST}, or one that is too large")
    try:
        return _Manifest.model_validate_json(archive.read(info))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise _BadBundle(f"its {MANIFEST}: {_short(place)}: {_short(problem['msg'])}") from None


def _member(info: ZipInfo, entry: _Entry, files: Sequence[Wanted]) -> _Member:
    """Find the needed file that a member of the bundle provides."""
    for wanted in files:
        if entry.kind != wanted.kind or entry.name not in (wanted.name, wanted.read_name):
            continue
        packed = entry.name == wanted.name
        if not entry.size == info.file_size <= (wanted.size if packed else wanted.unpacked):
            raise _BadBundle(f"{entry.member} has the wrong size")
        return _Member(info, entry, wanted, wanted.path if packed else wanted.read_path)
    raise _BadBundle(f"it holds {_short(entry.member)}, which this course does not name")


def _place(archive: ZipFile, member: _Member) -> None:
    """Write a file from the bundle to its place."""
    try:
        member.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{member.target} cannot be written: {error.strerror}") from None
    with whole_file(member.target) as file:
        _copy(archive, member, file.write)


def _copy(archive: ZipFile, member: _Member, write: Callable[[bytes], object]) -> None:
    """Pass a file's content to `write`; `_BadBundle` afterwards when its hash is wrong."""
    wanted = member.wanted
    listed, own, head = hashlib.sha256(), new_hash(wanted.algorithm), b""
    with archive.open(member.info) as content:
        while block := content.read(MIB):
            head = head or block[:HEAD]
            listed.update(block)
            own.update(block)
            write(block)
    name = member.entry.member
    if listed.hexdigest() != member.entry.sha256:
        raise _BadBundle(f"{name} does not match its hash in {MANIFEST}")
    if member.target == wanted.path and not wanted.fits(own.hexdigest()):
        raise _BadBundle(f"{name} does not match the hash of the file that this course names")
    if member.target != wanted.path and not wanted.is_well_formed(head, member.entry.size):
        raise _BadBundle(f"{name} holds no garment images or labels")


def _short(text: str) -> str:
    """Text from a bundle, escaped and shortened for a message of one line."""
    return repr(text if len(text) <= 80 else f"{text[:80]}…")
