"""A beginner's half hour: from the unzipped bundle to full points in exercise 03.

The beginner makes the mistakes that beginners make, one after the other, and reads what the
terminal says. Each message must lead to the next step.
"""

import os
import re
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pexpect
import pytest

from grader.cli import main
from tests.support.corpus import ROOT

SEES_FC = '    return "fc"'
LAST_MODULE = "    return list(dict(model.named_modules()))[-1]"
LAST_WITH_PARAMETERS = """
    last_name, last = "", None
    for name, module in model.named_modules():
        if list(module.parameters(recurse=False)):
            last_name, last = name, module
    if not isinstance(last, nn.Linear):
        raise ValueError("no linear head")
    return last_name"""
SYNTAX_ERROR = "    model.fc = nn.Linear(512, num_classes\n    return model"
ONLY_FC = "    model.fc = nn.Linear(512, num_classes)\n    return model"
FREEZES_ALL = """
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    head = nn.Linear(model.get_submodule(name).in_features, num_classes)
    setattr(model.get_submodule(parent), child, head)
    model.requires_grad_(False)
    return model"""
RIGHT_SWAP = """
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError("num_classes must be at least 2, dropout in [0, 1)")
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    head = nn.Linear(old.in_features, num_classes).to(old.weight)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    setattr(model.get_submodule(parent), child, head)
    return model"""
WITH_SOFTMAX = """
    layers, width = [], in_features
    for next_width in hidden:
        layers += [nn.Linear(width, next_width), nn.ReLU(), nn.Dropout(dropout)]
        width = next_width
    return nn.Sequential(*layers, nn.Linear(width, num_classes), nn.Softmax(dim=1))"""
RIGHT_MLP = WITH_SOFTMAX.replace(", nn.Softmax(dim=1)", "")


class Beginner:
    """Someone with an editor and a terminal of 80 columns, in the unzipped bundle."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "exercises" / "03" / "head.py"

    def types(self, command: str) -> str:
        """Run `grader …` or `pytest …`; gives what the terminal shows."""
        program, *arguments = command.split()
        shown, _ = pexpect.run(
            # Without `site` this repository, installed beside the libraries, is not importable.
            " ".join([sys.executable, "-S", "-m", program, *arguments]),
            cwd=str(self.folder),
            env={**os.environ, "PYTHONPATH": sysconfig.get_path("purelib"), "NO_COLOR": "1"},
            encoding="utf-8",
            timeout=300,
            withexitstatus=True,
        )
        text = re.sub(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")
        assert "Traceback" not in text, text
        assert all(len(line) <= 80 for line in text.splitlines()), text
        return text

    def writes(self, function: str, body: str) -> None:
        """Put a body into a function, below its docstring."""
        text = self.file.read_text("utf-8")
        pattern = rf'(def {function}\(.*?""".*?"""\n).*?(?=\n\n\ndef |\Z)'
        changed = re.sub(pattern, lambda m: m[1] + body.strip("\n"), text, flags=re.DOTALL)
        assert changed != text
        self.file.write_text(changed.rstrip("\n") + "\n", "utf-8")

    def tries(self, function: str, body: str) -> str:
        """Write a function and run the checks."""
        self.writes(function, body)
        return self.types("pytest exercises/03")


@pytest.fixture
def beginner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Beginner:
    arguments = ["release", "--exercise", "03", "--out", tmp_path / "out", "--course", ROOT]
    monkeypatch.setattr(sys, "argv", ["grader", *map(str, arguments)])
    with pytest.raises(SystemExit, match="0"):
        main()
    with ZipFile(tmp_path / "out" / "bundles" / "learner.zip") as archive:
        archive.extractall(tmp_path / "mine")
    return Beginner(tmp_path / "mine")


@pytest.mark.proof
def test_from_the_bundle_to_full_points(beginner: Beginner) -> None:
    assert "run   pytest exercises/03" in beginner.types("grader")
    assert "Next: task 3.1, `find_head` in exercises/03/head.py." in beginner.types(
        "pytest exercises/03"
    )

    # Task 3.1: the name that the lesson's picture shows, then the last module of any kind.
    seen = beginner.tries("find_head", SEES_FC)
    assert "0 of 3 points" in seen
    assert_helps(seen, "because", "head.py:", "grader hint 03 find_head")
    assert "Nudge" in beginner.types("grader hint 03 find_head")
    seen = beginner.tries("find_head", LAST_MODULE)
    assert_helps(seen, "because", "grader hint 03 find_head")
    assert "Approach" in beginner.types("grader hint 03 find_head")
    seen = beginner.tries("find_head", LAST_WITH_PARAMETERS)
    assert "3 of 3 points" in seen
    assert "Next: task 3.2" in seen

    # Task 3.2: a bracket forgotten, one family only, too much frozen.
    seen = beginner.tries("swap_head", SYNTAX_ERROR)
    assert_helps(seen, "SyntaxError", "'(' was never closed", "line ")
    assert seen.count("never closed") == 1
    beginner.types("grader reset 03")
    beginner.writes("find_head", LAST_WITH_PARAMETERS)
    seen = beginner.tries("swap_head", ONLY_FC)
    assert_helps(seen, "because", "head.py:", "grader hint 03 swap_head")
    seen = beginner.tries("swap_head", FREEZES_ALL)
    assert_helps(seen, "trainable", "because", "grader hint 03 swap_head")
    seen = beginner.tries("swap_head", RIGHT_SWAP)
    assert "5 of 5 points" in seen

    # Task 3.3: a softmax at the end.
    seen = beginner.tries("mlp_head", WITH_SOFTMAX)
    assert "0 of 2 points" in seen
    assert_helps(seen, "Softmax", "because", "grader hint 03 mlp_head")
    seen = beginner.tries("mlp_head", RIGHT_MLP)
    assert "10 of 10 points" in seen
    assert "All visible checks pass" in seen
    assert "10 of 10" in beginner.types("grader progress")


def assert_helps(seen: str, *texts: str) -> None:
    """The terminal says all of these."""
    plain = " ".join(seen.split())
    assert [text for text in texts if text not in plain] == [], seen
