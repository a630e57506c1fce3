"""`grader compare` as a learner runs it."""

import re
import shutil
import struct
import sys
from pathlib import Path

import pytest

from grader.cli import main
from grader.learner.compare.sources import definitions, difference
from tests.support.corpus import ROOT, Answer, course, mutants, solution, stub, variants

LENIENT = "cpu: {images: 300, accuracy: 0.5}"  # which 60 labels are enough to reach
FEW = ("--labels", "60", "--labels", "40")  # of the capstone's images
VISIBLE = {  # a mistake of each exercise that shows side by side
    "00": "mean_and_std_swapped",
    "01": "counts_shared_twice",
    "02": "statistics_drift",
    "03": "dropout_ignored",
    "04": "mean_of_batch_means",
    "05": "rows_and_columns_swapped",
    "06": "statistics_drift",
    "07": "fixed_kernel",
    "08": "images_shuffled_alone",
}
PICTURES = {
    "00": ["transforms"],
    "01": [],
    "02": ["what_learns"],
    "03": [],
    "04": ["confusion_matrices", "learning_curves", "predictions"],
    "05": ["confusion_matrices", "predictions_reference", "predictions_yours"],
    "06": ["confusion_matrices", "learning_curves", "predictions"],
    "07": ["optimization_history", "param_importances"],
    "08": ["confusion_matrices", "learning_curves", "worst_mistakes"],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course in which nothing is written yet, and whose capstone asks for little."""
    text = (ROOT / "course.yaml").read_text("utf-8")
    lenient, times = re.subn(r"cpu: \{images: \d+, accuracy: [\d.]+\}", LENIENT, text)
    assert times == 1
    (tmp_path / "course.yaml").write_text(lenient, "utf-8")
    for name in ("exercises", "solutions"):
        ignored = shutil.ignore_patterns("__pycache__", "*.png", "*.ipynb")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for number in course().exercises:
        write(tmp_path, stub(number))
    return tmp_path


def write(root: Path, answer: Answer) -> Path:
    path = root / "exercises" / answer.number / course().exercise(answer.number).file_name
    path.write_text(answer.text, "utf-8")
    return path


def compare(root: Path, number: str, *arguments: str) -> int:
    """Run it in this process; its exit code."""
    few = FEW if number == "08" and "--labels" not in arguments else ()
    command = ["grader", "compare", number, "--course", str(root), *few, *arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)
        patch.setenv("COLUMNS", "80")
        patch.chdir(root)
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0)


def mutant(number: str, name: str) -> Answer:
    return next(m for m in mutants() if (m.number, m.name) == (number, name))


def judged(shown: str, word: str) -> list[str]:
    """The rows of the table that end in a verdict."""
    return [line for line in shown.splitlines() if re.search(rf"\s{word}$", line)]


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Width and height of the pictures, as their files say."""
    found = {}
    for path in sorted(folder.glob("*")):
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert content.rstrip().endswith(b"IEND\xaeB`\x82")
        found[path.stem] = struct.unpack(">II", content[16:24])
    return found


# ------------------------------------------------------------------------ what is compared


def test_the_solution_is_the_same_everywhere_and_its_sources_are_shown(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, solution("02"))
    assert compare(root, "02") == 0  # runs the visible checks, which pass
    shown = capsys.readouterr().out
    assert not judged(shown, "NO")
    assert len(judged(shown, "yes")) > 20
    assert max(map(len, shown.partition("---")[0].splitlines())) <= 80
    for task in course().exercise("02").tasks:
        assert f"@@ {task} @@" in shown
    assert all(min(size) > 400 for size in sizes(root / "figures" / "02").values())


@pytest.mark.parametrize("number", ["00", "03"])
def test_an_untouched_exercise_has_a_row_for_each_function(
    root: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    assert compare(root, number) == 1
    shown = capsys.readouterr().out
    for task in course().exercise(number).tasks:
        assert len(re.findall(rf"^{task} +not attempted yet$", shown, re.MULTILINE)) == 1
    assert not judged(shown, "(yes|NO|-)")
    assert "`--reveal` shows it now" in shown
    assert "@@" not in shown


@pytest.mark.parametrize("number", ["00", "03"])
def test_a_mistake_shows_in_its_row(
    root: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    write(root, mutant(number, VISIBLE[number]))
    assert compare(root, number, "--reveal") == 1
    shown = capsys.readouterr().out
    assert judged(shown, "NO")
    assert judged(shown, "yes")
    assert re.search(r"^\d of \d+ results compared differ", shown, re.MULTILINE)
    assert re.search(r"^\+ ", shown, re.MULTILINE)
    assert re.search(r"^- ", shown, re.MULTILINE)


def test_an_exception_is_one_line_and_the_rest_goes_on(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = solution("03").text.replace(
        "    last_name, last =", '    raise KeyError("no\\n\\x1b[31m idea")\n    last_name, last ='
    )
    line = 1 + text[: text.index("raise KeyError")].count("\n")
    write(root, Answer("03", "raises", text))
    assert compare(root, "03", "--reveal") == 1
    shown = capsys.readouterr().out
    assert f"→ exercises/03/head.py:{line}: KeyError: 'no\\n\\x1b[31m idea'" in shown
    assert "Traceback" not in shown
    assert judged(shown.partition("mlp_head")[2], "yes")


def test_a_function_that_is_gone_or_answers_in_another_form_differs(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = solution("03").text.replace("def mlp_head", "def my_head")
    write(root, Answer("03", "form", f"{text}\n\ndef swap_head(model, *args, **kwargs): pass\n"))
    assert compare(root, "03", "--reveal") == 1
    shown = re.sub(r"\s+(→ )?", " ", capsys.readouterr().out)
    assert "defines no function named 'mlp_head'" in shown
    assert "another form" in shown
    assert "exercises/03/head.py" in shown
    assert "Only in yours: my_head" in shown


# --------------------------------------------------------------- where nothing is compared


def test_without_the_solutions_it_shows_yours_alone(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(root / "solutions")
    write(root, solution("02"))
    assert compare(root, "02", "--reveal") == 0
    shown = capsys.readouterr().out
    assert "5,130" in shown
    assert "after the deadline you get the solutions" in " ".join(shown.split())
    assert not judged(shown, "(yes|NO)")
    assert list(sizes(root / "figures" / "02")) == ["what_learns"]


@pytest.mark.parametrize(
    ("number", "arguments", "line"),
    [
        ("42", [], "there is no exercise '42'"),
        ("04", ["--device", "toaster"], "the device 'toaster' cannot be used"),
        ("04", ["--out", "course.yaml/pictures"], "cannot be written to"),
    ],
)
def test_a_wrong_option_is_one_line_before_anything_runs(
    root: Path,
    capsys: pytest.CaptureFixture[str],
    number: str,
    arguments: list[str],
    line: str,
) -> None:
    assert compare(root, number, *arguments) == 2
    shown = capsys.readouterr()
    assert line in shown.err
    assert len(shown.err.splitlines()) == 1
    assert not shown.out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def find_head(:\n", "exercises/03/head.py:1: SyntaxError: invalid syntax"),
        ("raise SystemExit(0)", "exercises/03/head.py:1: SystemExit: 0"),
        (None, "exercises/03/head.py is missing"),
    ],
    ids=["syntax", "exits", "missing"],
)
def test_a_file_that_cannot_be_loaded_is_one_line(
    root: Path, capsys: pytest.CaptureFixture[str], text: str | None, line: str
) -> None:
    path = root / "exercises" / "03" / "head.py"
    path.unlink()
    if text is not None:
        path.write_text(text, "utf-8")
    assert compare(root, "03") == 2
    said = capsys.readouterr().err
    assert line in said
    assert len(said.splitlines()) == 1


# ------------------------------------------------------------------------------- sources


def test_comments_are_reasons_and_no_difference(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.py", tmp_path / "theirs.py"
    mine.write_text('def f(x):\n    """Mine."""\n    # half\n    return x * 0.5\n')
    theirs.write_text(
        'import os\n\n\ndef f(x):\n    """Theirs.\n\n    Long.\n    """\n'
        "    # Exact for integers,\n    # whatever their size.\n"
        '    return x / 2  # "#" is no comment in a text\n\n\n'
        'def _g():\n    """Why it helps."""\n    return "# text"  # noqa: F401\n'
    )
    shown = [str(t) for t in difference(mine, theirs, {mine: "mine", theirs: "theirs"}, ["f"])]
    body = shown[shown.index("@@ f @@") :]
    assert body == [
        "@@ f @@",
        "  def f(x):",
        "-     return x * 0.5",
        "#     Exact for integers,",
        "#     whatever their size.",
        '#     "#" is no comment in a text',
        "+     return x / 2",
        "",
        "@@ _g @@",
        "# Why it helps.",
        "+ def _g():",
        '+     return "# text"',
    ]


@pytest.mark.parametrize("number", course().exercises)
def test_the_steps_of_the_reference_have_reasons(number: str) -> None:
    tasks = course().exercise(number).tasks
    found = definitions(solution(number).text, tasks)
    assert [task for task in tasks if not found[task].explained] == []


# ------------------------------------------------------------------------------ the proof


@pytest.mark.proof
@pytest.mark.parametrize("number", course().exercises)
def test_solution_stub_and_mutant_of_every_exercise(
    root: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    write(root, solution(number))
    assert compare(root, number) == 0
    shown = capsys.readouterr().out
    assert judged(shown, "yes")
    assert not judged(shown, "NO")
    assert "@@" in shown
    drawn = sizes(root / "figures" / number)
    assert sorted(drawn) == PICTURES[number]
    assert all(min(size) > 400 for size in drawn.values())

    write(root, stub(number))
    assert compare(root, number) == 1
    shown = capsys.readouterr().out
    for task in course().exercise(number).tasks:
        assert len(re.findall(rf"^{task} +not attempted yet$", shown, re.MULTILINE)) == 1
    assert not judged(shown, "(yes|NO|-)")

    write(root, mutant(number, VISIBLE[number]))
    assert compare(root, number) == 1
    shown = capsys.readouterr().out
    assert judged(shown, "NO")


@pytest.mark.proof
@pytest.mark.parametrize("answer", variants(), ids=str)
def test_what_the_contract_leaves_free_is_no_difference(
    root: Path, capsys: pytest.CaptureFixture[str], answer: Answer
) -> None:
    write(root, answer)
    assert compare(root, answer.number, "--reveal") == 0, judged(capsys.readouterr().out, "NO")
