"""The rooms of `grader/`: who may import whom, one meaning for each name, readable files."""

import ast
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.corpus import ROOT

KIT = ROOT / "grader"
CHECKS = KIT / "checks"
LONGEST_FILE = 350  # lines
OF_CHECKS = {"check", "common", "course", "judge", "materials", "protocol"}
LINTER = Path(sys.executable).with_name("lint-imports")


def modules() -> list[Path]:
    """The files of the kit but the hidden checks."""
    return [path for path in sorted(KIT.rglob("*.py")) if CHECKS not in path.parents]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [LINTER, "--no-logo", "--no-cache", "--config", folder / "pyproject.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(KIT, tmp_path / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("runner/cells", "judge.feedback"),  # the untrusted side would know what checks expect
        ("learner/hints", "grading.journal"),  # rooms side by side
        ("common/files", "course.settings"),
    ],
)
def test_a_forbidden_import_is_named(copied: Path, importer: str, imported: str) -> None:
    assert lint(copied).returncode == 0
    file = copied / "grader" / f"{importer}.py"
    file.write_text(f"{file.read_text('utf-8')}\nimport grader.{imported}\n", "utf-8")
    run = lint(copied)
    assert run.returncode != 0
    assert f"grader.{importer.replace('/', '.')} -> grader.{imported}" in run.stdout


def imports(path: Path, *, at_once: bool = False) -> Iterator[str]:
    """What a module imports, wherever it stands; or only what its own import brings along."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", sorted(CHECKS.glob("*.py")), ids=lambda path: path.stem)
def test_hidden_checks_use_their_own_rooms_alone(path: Path) -> None:
    used = {name.split(".")[1] for name in imports(path) if name.startswith("grader.")}
    assert used <= OF_CHECKS


def test_importing_the_kit_imports_neither_hidden_checks_nor_solutions() -> None:
    names = {name for path in modules() for name in imports(path, at_once=True)}
    assert not [name for name in names if name.startswith(("grader.checks", "solutions"))]


def test_a_class_name_stands_for_one_thing() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in modules()]
    classes = Counter(
        n.name for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)
    )
    assert not [name for name, count in classes.items() if count > 1]


def test_every_file_can_be_read_in_one_sitting() -> None:
    lengths = {
        path.relative_to(KIT): len(path.read_text("utf-8").splitlines()) for path in modules()
    }
    assert not {str(path): length for path, length in lengths.items() if length > LONGEST_FILE}


def test_every_room_says_what_it_is() -> None:
    rooms = [path for path in KIT.iterdir() if path.is_dir() and path.name != "__pycache__"]
    for room in rooms:
        if room != CHECKS:
            assert ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))
