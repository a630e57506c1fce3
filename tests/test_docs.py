"""The documents name and link what exists; the README is short; every room is described."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.corpus import ROOT

LONGEST_README = 140  # lines
TOP = [ROOT / name for name in ("CONTRIBUTING.md", "README.md", "RELEASING.md")]
DOCUMENTS = [*TOP, *sorted((ROOT / "docs").glob("*.md"))]
FILES = re.compile(r"`((?:grader|tests|exercises|solutions|benchmarks|notebooks|docs)/[\w./-]*)`")
NAMES = re.compile(r"`(\w+)`(?: and `(\w+)`)? in `(grader/[\w./]+\.py)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    named = FILES.findall(document.read_text("utf-8"))
    missing = [n for n in named if "NN" not in n and not (ROOT / n.rstrip("/")).exists()]
    assert not missing


LINK = re.compile(r"\]\(([^)\s]+)\)")


def without_code(text: str) -> str:
    return re.sub(r"^( *)```.*?^\1```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of headings: of equal ones the second ends in `-1`."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ +(.*\S)", without_code(text), flags=re.MULTILINE):
        shown = LINK.sub("", heading.replace("[", "")).lower()
        anchor = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def broken_links(document: Path, text: str) -> Iterator[str]:
    """The relative links of a document that lead to no file, or to no heading in it."""
    for link in LINK.findall(without_code(text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists():
            yield link
        elif anchor:
            content = text if target == document else target.read_text("utf-8")
            if anchor not in anchors(content):
                yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    assert list(broken_links(document, document.read_text("utf-8"))) == []


def test_a_broken_link_is_found() -> None:
    text = (
        "# A `file`, twice\n# Twice\n# Twice\n[a](#a-file-twice) [b](#twice-1) [c](README.md)\n"
        "[d](#twice-2) [e](nowhere.md) [f](README.md#nothing) ![g](docs/none.png)\n"
        "```\n# no heading\n[h](nowhere.md)\n```\n[i](#no-heading) [j](https://example.org)\n"
    )
    found = list(broken_links(ROOT / "CONTRIBUTING.md", text))
    assert found == ["#twice-2", "nowhere.md", "README.md#nothing", "docs/none.png", "#no-heading"]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README


def test_the_architecture_names_every_room_and_what_stands_in_it() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    for path in (ROOT / "grader").iterdir():
        if not path.name.startswith("_"):
            assert f"── {path.name}{'/' * path.is_dir()}" in text, path.name
    for *names, file in NAMES.findall(text):
        content = (ROOT / file).read_text("utf-8")
        for name in filter(None, names):
            assert re.search(rf"^(def |class )?{name}\b", content, re.MULTILINE), (name, file)
