"""Atomic writes of files, and complete removal of folders."""

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
    """Remove folders, whatever a submission has put into them.

    Where there are `chmod` and `rm`, they do the work: a hostile submission can nest folders more
    deeply than Python can recurse.
    """
    if sys.platform == "win32":
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    elif folders:
        for command in (["chmod", "-R", "u+rwX", "--"], ["rm", "-rf", "--"]):
            subprocess.run([*command, *folders], stderr=subprocess.DEVNULL, check=False)


def prepare_folder(folder: Path) -> None:
    """Create a folder and make sure that files can be written to it, before a long run begins."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(f"{folder} cannot be written to: {error.strerror}") from None


@contextmanager
def whole_file(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write a file atomically: it appears whole at the end of the block, or not at all.

    Args:
        path: the file to write; an existing file is replaced.
        mode: the file's permissions, before the process's umask is applied.

    Raises:
        UserError: when the file cannot be written, such as for a full disk or missing permissions.
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
    """Write a text file atomically: even after a crash, it is there whole or not at all.

    Args:
        path: the file to write; an existing file is replaced.
        text: the new content.
        mode: the file's permissions, before the process's umask is applied.

    Raises:
        UserError: when the file cannot be written, such as for a full disk or missing permissions.
    """
    with whole_file(path, mode=mode) as file:
        file.write(text.encode())
