"""The files that a course needs besides the kit: where they belong, and whether they are whole."""

import gzip
import hashlib
import math
import re
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from torchvision.datasets import FashionMNIST
from torchvision.models import WeightsEnum

from grader.common.errors import UserError
from grader.common.files import whole_file
from grader.course.settings import FILE_NAME, Backbone, Course
from grader.materials.garments import SIDE
from grader.materials.weights import cached_file, find_entry

Kind = Literal["data", "weights"]
MIB: Final = 1 << 20
HEAD: Final = 16  # bytes of the longest IDX header in Fashion-MNIST
# The sizes of Fashion-MNIST's archives in bytes, which torchvision does not list
# (tensorflow_datasets/url_checksums/fashion_mnist.txt in https://github.com/tensorflow/datasets).
_ARCHIVE_SIZES: Final = {
    "train-images-idx3-ubyte.gz": 26_421_880,
    "train-labels-idx1-ubyte.gz": 29_515,
    "t10k-images-idx3-ubyte.gz": 4_422_102,
    "t10k-labels-idx1-ubyte.gz": 5_148,
}
_IMAGES: Final = {"train": 60_000, "t10k": 10_000}
_HASH: Final = re.compile(r"-([0-9a-f]{8,64})\.[^.]+$")  # in a file name, as in `torch.hub`
_LARGEST_WEIGHTS: Final = 4096 * MIB  # for a weights entry that does not state its size


class FileState(Enum):
    """The state of a needed file."""

    PRESENT = "present"
    UNCHECKED = "unchecked"  # unpacked and well-formed, but there is no archive to verify by hash
    PACKED = "packed"  # the archive is whole, but not unpacked yet
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True)
class Wanted:
    """A file that the course needs, as it is downloaded.

    Attributes:
        kind: "data" or "weights".
        folder: the folder for files of that kind on this machine.
        name: the path below `folder`, with "/" between its parts.
        urls: the addresses to download it from, the best one first.
        algorithm: the name of the hash algorithm in hashlib.
        digest: the file's hash, or its first hex digits.
        size: the size in bytes; nothing larger is downloaded, or taken from a bundle.
        unpacked: the size in bytes after unpacking, for a gzip archive; 0: it is read as it is.
    """

    kind: Kind
    folder: Path
    name: str
    urls: tuple[str, ...]
    algorithm: str
    digest: str
    size: int
    unpacked: int = 0

    @property
    def path(self) -> Path:
        """The path that the file is downloaded to."""
        return self.folder / self.name

    @property
    def read_name(self) -> str:
        """The name of the file that is read later: without `.gz` when it is unpacked."""
        return self.name.removesuffix(".gz") if self.unpacked else self.name

    @property
    def read_path(self) -> Path:
        """The path of the file that is read later."""
        return self.folder / self.read_name

    def fits(self, digest: str) -> bool:
        """Whether a hash, in hex digits, is the hash of the right content."""
        return digest.startswith(self.digest)

    def is_whole(self, path: Path) -> bool:
        """Whether a file has the right content."""
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: new_hash(self.algorithm))
        return self.fits(found.hexdigest())

    def is_well_formed(self, head: bytes, size: int) -> bool:
        """Whether an unpacked file has a valid header, and the size that this header implies.

        The header is two zero bytes, the type (8: bytes), the number of axes, and the length of
        each, 32 bits big-endian (http://yann.lecun.com/exdb/mnist, "the IDX file format").

        Args:
            head: the first `HEAD` bytes.
            size: the size of the file in bytes.
        """
        inner = (SIDE, SIDE) if "idx3" in self.name else ()
        axes = 1 + len(inner)
        if len(head) < 4 + 4 * axes or head[:4] != bytes([0, 0, 8, axes]):
            return False
        shape = struct.unpack_from(f">{axes}I", head, 4)
        whole = size == 4 + 4 * axes + math.prod(shape)
        return whole and shape[0] > 0 and shape[1:] == inner and size <= self.unpacked


def needs(course: Course) -> list[Wanted]:
    """The files that a course needs; none for drawn images and for weights inside a package.

    Raises:
        UserError: when the backbone does not exist, or the name of its file contains no hash.
    """
    return [*_images(course), *_weights(course.backbone)]


def inspect(wanted: Wanted) -> FileState:
    """The state of a needed file; `UserError` when it cannot be read."""
    try:
        if wanted.path.is_file():
            if not wanted.is_whole(wanted.path):
                return FileState.DAMAGED
            return (
                FileState.PRESENT
                if not wanted.unpacked or _is_unpacked(wanted)
                else FileState.PACKED
            )
        if not wanted.read_path.is_file():
            return FileState.MISSING
        with wanted.read_path.open("rb") as file:
            head = file.read(HEAD)
        well_formed = wanted.is_well_formed(head, wanted.read_path.stat().st_size)
    except OSError as error:
        raise UserError(f"{wanted.path} cannot be read: {error.strerror or error}") from None
    return FileState.UNCHECKED if well_formed else FileState.DAMAGED


def unpack(wanted: Wanted) -> None:
    """Unpack an archive that is whole; `UserError` when the disk is full."""
    with whole_file(wanted.read_path) as file, gzip.open(wanted.path) as archive:
        shutil.copyfileobj(archive, file, MIB)


def new_hash(algorithm: str) -> "hashlib._Hash":
    """A hash to detect damaged files, not for security: torchvision uses MD5 for data."""
    return hashlib.new(algorithm, usedforsecurity=False)


def _is_unpacked(wanted: Wanted) -> bool:
    """Whether the unpacked file exists and equals the content of the archive."""
    if not wanted.read_path.is_file():
        return False
    with wanted.read_path.open("rb") as file, gzip.open(wanted.path) as archive:
        while block := archive.read(MIB):
            if file.read(len(block)) != block:
                return False
        return not file.read(1)


def _images(course: Course) -> Iterator[Wanted]:
    """Fashion-MNIST's archives, in torchvision's folders."""
    if course.data.source == "embedded":
        return
    raw = PurePosixPath(FashionMNIST.__name__, "raw")
    for name, digest in FashionMNIST.resources:
        part, content, _ = name.split("-", 2)
        images = _IMAGES[part]
        yield Wanted(
            kind="data",
            folder=course.root / course.data.root,
            name=str(raw / name),
            urls=tuple(f"{mirror}{name}" for mirror in FashionMNIST.mirrors),
            algorithm="md5",
            digest=digest,
            size=_ARCHIVE_SIZES[name],
            unpacked=16 + images * SIDE**2 if content == "images" else 8 + images,
        )


def _weights(backbone: Backbone) -> Iterator[Wanted]:
    """The file of the backbone's weights, in torch's hub cache."""
    entry = find_entry(backbone)
    if entry is None or type(entry).get_state_dict is not WeightsEnum.get_state_dict:
        return
    path = cached_file(entry)
    found = _HASH.search(path.name)
    if found is None:
        raise UserError(
            f"{FILE_NAME}: `backbone.weights`: the file name {path.name} contains no hash, so the "
            "file could not be verified: choose another entry"
        )
    mib = entry.meta.get("_file_size")  # rounded to three decimals
    yield Wanted(
        kind="weights",
        folder=path.parent,
        name=path.name,
        urls=(entry.url,),
        algorithm="sha256",
        digest=found[1],
        size=_LARGEST_WEIGHTS if mib is None else int((mib + 0.001) * MIB),
    )
