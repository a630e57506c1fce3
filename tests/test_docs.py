"""The documents name files that exist, and the architecture names every room."""

import re
from pathlib import Path

import pytest

from tests.support.corpus import ROOT

DOCUMENTS = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FILES = re.compile(r"`((?:grader|tests|exercises|solutions|benchmarks|notebooks|docs)/[\w./-]*)`")
NAMES = re.compile(r"`(\w+)`(?: and `(\w+)`)? in `(grader/[\w./]+\.py)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    named = FILES.findall(document.read_text("utf-8"))
    missing = [n for n in named if "NN" not in n and not (ROOT / n.rstrip("/")).exists()]
    assert not missing


def test_the_architecture_names_every_room_and_what_stands_in_it() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for path in (ROOT / "grader").iterdir():
        if not path.name.startswith("_"):
            assert f"── {path.name}{'/' * path.is_dir()}" in text, path.name
    for *names, file in NAMES.findall(text):
        content = (ROOT / file).read_text("utf-8")
        for name in filter(None, names):
            assert re.search(rf"^(def |class )?{name}\b", content, re.MULTILINE), (name, file)
