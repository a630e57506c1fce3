"""Writing and removing what must be whole, or wholly gone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from grader.common.errors import UserError


def remove_trees(folders: list[Path]) -> None:
    """Remove folders with whatever a submission made of them.

    Programs do it where there are any: Python's recursion ends before that of a hostile folder.
    """
    if sys.platform == "win32":
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    elif folders:
        for command in (["chmod", "-R", "u+rwX", "--"], ["rm", "-rf", "--"]):
            subprocess.run([*command, *folders], stderr=subprocess.DEVNULL, check=False)


def prepare_folder(folder: Path) -> None:
    """Make a folder, and make sure before long work that files can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(f"{folder} cannot be written to: {error.strerror}") from None


@contextmanager
def whole_file(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A file to write bytes to; at the block's end it is there whole, or not at all.

    Args:
        path: where to; an earlier file is replaced.
        mode: its permissions, less those that the process's umask takes.

    Raises:
        UserError: when it cannot be written: a full disk, missing rights.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror or error}; what was there is unchanged"
        ) from None
    finally:
        with suppress(OSError):
            draft.unlink()


def write_whole(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a text so that it is there whole or not at all, also after a crash.

    Args:
        path: where to; an earlier file is replaced.
        text: its content.
        mode: its permissions, less those that the process's umask takes.

    Raises:
        UserError: when it cannot be written: a full disk, missing rights.
    """
    with whole_file(path, mode=mode) as file:
        file.write(text.encode())
