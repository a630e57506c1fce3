"""`grader compare 08` as a learner runs it."""

import re
import struct
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from grader.cli import main
from grader.compare import Measured, draw_confusion, draw_curves, draw_mistakes, table
from tests.corpus import ROOT, Answer, mutants, solution, stub

PICTURES = ("learning_curves.png", "confusion_matrices.png", "worst_mistakes.png")
FEW = ("--labels", "60", "--labels", "40")
LENIENT = "cpu: {images: 1000, accuracy: 0.5}"  # what 60 labels are enough for

RAISES = """
def train_classifier(images, labels, **options):
    raise ValueError("no\\n\\x1b[31m idea")
"""
EXITS = "raise SystemExit(0)"
NO_FUNCTION = "x = 1"
NO_PYTHON = "def train_classifier(:\n"
RETURNS_NOTHING = """
def train_classifier(images, labels, **options):
    pass
"""
RETURNS = """
from torch import nn, full

class Answers(nn.Module):
    def forward(self, images):
        return {answer}

def train_classifier(images, labels, **options):
    return Answers()
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one exercise to compare, not written yet, that asks for little."""
    text = (ROOT / "course.yaml").read_text("utf-8")
    lenient, times = re.subn(r"cpu: \{images: \d+, accuracy: [\d.]+\}", LENIENT, text)
    assert times == 1
    (tmp_path / "course.yaml").write_text(lenient, "utf-8")
    for folder in ("exercises/08", "solutions"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "solutions" / "capstone.py").write_text(solution("08").text, "utf-8")
    write(tmp_path, stub("08").text)
    return tmp_path


def write(course: Path, text: str) -> None:
    (course / "exercises" / "08" / "capstone.py").write_text(text, "utf-8")


def compare(course: Path, *arguments: str, number: str = "08") -> int:
    """Run it in this process; its exit code."""
    command = ["grader", "compare", number, "--course", str(course), *arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)
        patch.chdir(course)
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0)


def sizes(folder: Path) -> list[tuple[int, int]]:
    """Width and height of the pictures, as their files say."""
    found = []
    for name in PICTURES:
        content = (folder / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert content.rstrip().endswith(b"IEND\xaeB`\x82")
        found.append(struct.unpack(">II", content[16:24]))
    return found


def mutant(name: str) -> Answer:
    return next(m for m in mutants() if (m.number, m.name) == ("08", name))


def test_a_good_answer_gets_a_table_and_three_pictures(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(course, solution("08").text)
    assert compare(course, *FEW) == 0
    shown = capsys.readouterr().out
    rows = re.findall(r"^ +(\d+) +([\d.]+%) +[\d.]+ +([\d.]+%) +[\d.]+$", shown, re.MULTILINE)
    assert [count for count, *_ in rows] == ["40", "60"]
    for _, yours, theirs in rows:  # the same code, images and seed
        assert yours == theirs
    assert len(re.findall(r"(yours|reference) +.+ taken for .+, \d+ of \d+", shown)) == 2
    folder = course / "compared" / "08"
    for name in PICTURES:
        assert f"Written: {folder / name}" in shown
    assert all(min(size) > 400 for size in sizes(folder))


def test_a_bad_answer_and_too_few_labels_end_with_1(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(course, mutant("images_shuffled_alone").text)
    assert compare(course, "--labels", "60", "--out", "here") == 1
    assert "50.0% are wanted" in capsys.readouterr().out
    assert len(sizes(course / "here")) == 3
    assert not (course / "compared").exists()
    write(course, solution("08").text)
    (course / "course.yaml").write_text((ROOT / "course.yaml").read_text("utf-8"), "utf-8")
    assert compare(course, "--labels", "40") == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (stub("08").text, ": train_classifier is not written yet"),
        (RAISES, r":3: ValueError: no \x1b[31m idea"),
        (EXITS, ":1: SystemExit: 0"),
        (NO_FUNCTION, ": NameError: capstone.py defines no function named 'train_classifier'"),
        (NO_PYTHON, ":1: SyntaxError: invalid syntax"),
        (RETURNS_NOTHING, "no classifier: a classifier is an nn.Module, not NoneType"),
        (RETURNS.format(answer="images"), "no classifier: for 50 images its classifier gives"),
        (RETURNS.format(answer="None"), "no classifier: its classifier gives NoneType"),
        (RETURNS.format(answer="full((50, 10), 1)"), "no classifier: not all"),
        (RETURNS.format(answer="full((50, 10), float('nan'))"), "no classifier: not all"),
        (RETURNS.format(answer="images.nothing"), ":6: AttributeError: "),
    ],
    ids=[
        "stub",
        "raises",
        "exits",
        "lacks",
        "syntax",
        "nothing",
        "images",
        "none",
        "integers",
        "nan",
        "forward",
    ],
)
def test_what_cannot_be_compared_is_one_line(
    course: Path, capsys: pytest.CaptureFixture[str], text: str, line: str
) -> None:
    write(course, text)
    assert compare(course, *FEW) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"grader: {Path('exercises', '08', 'capstone.py')}:")
    assert line in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("number", "arguments", "line"),
    [
        ("03", [], "only exercise 08 can be compared so far"),
        ("42", [], "there is no exercise '42'"),
        ("08", ["--device", "toaster"], "the device 'toaster' cannot be used"),
        ("08", ["--out", "course.yaml/pictures"], "cannot be written to"),
    ],
)
def test_a_wrong_option_is_one_line_before_anything_is_trained(
    course: Path,
    capsys: pytest.CaptureFixture[str],
    number: str,
    arguments: list[str],
    line: str,
) -> None:
    assert compare(course, *arguments, number=number) == 2
    shown = capsys.readouterr()
    assert line in shown.err
    assert len(shown.err.splitlines()) == 1
    assert not shown.out


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ("solutions/capstone.py", "needs the folder `solutions` beside course.yaml"),
        ("exercises/08/capstone.py", "capstone.py is missing"),
    ],
)
def test_a_missing_file_is_one_line(
    course: Path, capsys: pytest.CaptureFixture[str], missing: str, line: str
) -> None:
    (course / missing).unlink()
    assert compare(course) == 2
    said = capsys.readouterr().err
    assert line in said
    assert len(said.splitlines()) == 1


def measured() -> Measured:
    """Of four images two are right; the mistake with index 2 is the more confident one."""
    logits = torch.zeros(4, 10)
    for index, (predicted, logit) in enumerate([(0, 9.0), (6, 2.0), (6, 5.0), (1, 1.0)]):
        logits[index, predicted] = logit
    return Measured(1.0, logits, torch.tensor([0, 4, 0, 1]))


def test_what_is_measured() -> None:
    found = measured()
    assert found.accuracy == 0.5
    wrong = {(0, 0): 1, (4, 6): 1, (0, 6): 1, (1, 1): 1}
    assert {tuple(pair): 1 for pair in found.confusion().nonzero().tolist()} == wrong
    assert [(index, predicted) for index, predicted, _ in found.worst(5)] == [(2, 6), (1, 6)]
    assert found.worst(1)[0][2] == pytest.approx(float(found.logits[2].softmax(0)[6]))


def test_the_table_names_the_most_frequent_confusion() -> None:
    lines = list(table({"yours": {100: measured()}, "reference": {100: perfect()}}))
    assert "  yours      T-shirt/top taken for Shirt, 1 of 2" in lines
    assert "  reference  none" in lines


def perfect() -> Measured:
    return Measured(1.0, torch.eye(10), torch.arange(10))


def images(count: int) -> Tensor:
    return torch.arange(count, dtype=torch.uint8)[:, None, None].expand(-1, 28, 28)


def test_mistakes_are_shown_worst_first() -> None:
    figure = draw_mistakes(measured(), images(4))
    shown = [axes for axes in figure.axes if axes.images]
    titles = [axes.get_title() for axes in shown]
    assert [title.partition("\n")[0] for title in titles] == ["Shirt ≠ T-shirt/top", "Shirt ≠ Coat"]
    assert "94.3% sure" in titles[0]
    assert [int(axes.images[0].get_array()[0, 0]) for axes in shown] == [2, 1]
    assert not [axes for axes in draw_mistakes(perfect(), images(10)).axes if axes.images]


def test_matrices_hold_their_numbers() -> None:
    yours, theirs = draw_confusion({"yours": measured(), "reference": perfect()}).axes
    cells = {text.get_position(): text.get_text() for text in yours.texts}
    assert cells == {(0, 0): "1", (6, 4): "1", (6, 0): "1", (1, 1): "1"}
    assert len(theirs.texts) == 10


def test_curves_differ_without_their_colours() -> None:
    curves = {name: {100: [0.5, 0.6], 300: [0.7, 0.8]} for name in ("a", "b", "c")}
    (axes,) = draw_curves(curves, wanted=0.85).axes
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["a", "b", "c", "wanted: 85.0%"]
    lines = [curve.lines[0] for curve in axes.containers]
    assert len({line.get_marker() for line in lines}) == 3
    assert len({line.get_linestyle() for line in lines}) == 3
