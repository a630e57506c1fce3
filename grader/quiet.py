"""Runs pytest for verdicts alone, the same whoever runs it.

No option, plugin or `conftest.py` of the user's takes part, and nothing is printed.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

OPTIONS: Final = (
    *("--noconftest", "--disable-plugin-autoload", "--import-mode=importlib", "-c", os.devnull),
    *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:unraisableexception"),
)
FOREIGN: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def run_quietly(root: Path, files: Sequence[Path], plugins: Sequence[object]) -> int:
    """Run the tests of some files with these plugins; pytest's exit code.

    Args:
        root: the folder of the course.
        files: of tests.
        plugins: pytest plugins, which see what happens.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in FOREIGN:
            patch.delenv(name, raising=False)
        arguments = [*OPTIONS, f"--rootdir={root}", *map(str, files)]
        return pytest.main(arguments, plugins=list(plugins))
