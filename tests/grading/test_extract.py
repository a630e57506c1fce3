"""Which parts of a notebook are graded: nobody loses what they wrote, whatever was done to it."""

import json
from pathlib import Path
from typing import Any

import pytest

from grader.check import LearnerError
from grader.common.errors import UserError
from grader.grading.handed_in.cells import LARGEST_CODE
from grader.grading.handed_in.extract import Extract, extract
from grader.grading.handed_in.magics import without_magics
from grader.grading.handed_in.notebook import LARGEST, MOST_CELLS
from grader.judge.loopback import Loopback
from grader.judge.submission import Submission
from grader.protocol.cell_text import join_cells, split_cells
from grader.runner.cells import ALL_CELLS
from tests.support.corpus import course

HEAD = course().exercise("03")


def cell(text: Any, kind: str = "code", grade_id: str = "", **more: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id, "solution": True}} if grade_id else {}
    return {"cell_type": kind, "source": text, "metadata": metadata, "outputs": [], **more}


def read(*cells: object) -> Extract:
    return extract(json.dumps({"cells": list(cells)}).encode(), HEAD)


def code_of(*cells: object) -> list[str]:
    return [code.decode().strip() for _, code in split_cells(read(*cells).content)]


def learner(folder: Path, *cells: str) -> Submission:
    source = folder / "head.py"
    source.write_text(join_cells(cells)[0], "utf-8")
    return Submission(Loopback(source), "head.py")


SOLVED = cell("def find_head(m):\n    return 'fc'\n", grade_id="solution")


def test_the_solution_and_every_added_cell_count_in_their_order() -> None:
    found = read(cell("import torch"), SOLVED, cell("x = 1"), cell("# Words", "markdown"))
    code = [code.decode().strip() for _, code in split_cells(found.content)]
    assert code == ["import torch", SOLVED["source"].strip(), "x = 1"]
    assert list(found.names) == ["cell 1", "solution cell", "cell 3"]
    assert not found.notes


def test_the_kits_own_cells_never_count() -> None:
    own = [cell("boom", grade_id=name) for name in ("visible_checks", "test_find_head", "lesson")]
    assert code_of(SOLVED, *own) == code_of(SOLVED)
    # A tool that dropped nbgrader's marks left Jupyter's own.
    unmarked = [cell("boom", id=name) for name in ("visible_checks", "test_swap_head")]
    assert code_of(SOLVED, *unmarked) == code_of(SOLVED)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_solution_cell_turned_into_text_still_counts(kind: str) -> None:
    retyped = {**SOLVED, "cell_type": kind}
    assert code_of(retyped) == code_of(SOLVED)
    assert "turned into text" in read(retyped).notes[0]
    note_beside = cell("# My plan", kind, "solution")
    assert code_of(note_beside, SOLVED) == code_of(SOLVED)


def test_all_solution_cells_count_and_a_note_says_so() -> None:
    found = read(SOLVED, {**SOLVED, "source": "def mlp_head(): ..."})
    assert len(split_cells(found.content)) == 2
    assert list(found.names) == ["cell 1", "cell 2"]
    assert "(1, 2)" in found.notes[0]


def test_a_changed_grade_id_and_flipped_flags_change_nothing() -> None:
    changed = cell(SOLVED["source"], grade_id="solutions")
    flipped = {**SOLVED, "metadata": {"nbgrader": {"grade_id": "solution", "locked": "yes"}}}
    assert code_of(changed) == code_of(flipped) == code_of(SOLVED)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"cells": ' + b"[" * 500 + b"]" * 500 + b"}", ""),
        (b'{"cells": ' * 100_000, "damaged"),
        (b"9" * 10_000, "damaged"),
        (b"NaN", "has no list of cells"),
        (b'{"cells": {}}', "has no list of cells"),
        (b'{"worksheets": [{"cells": []}]}', "in an old format"),
        (b"[" + b"1," * 3_000_000 + b"1]", "too many parts to be read"),
        (b" " * (LARGEST + 1), "larger than 32 MiB"),
        (b'{"cells": [' + b"{}," * MOST_CELLS + b"{}]}", "more than 2000 cells"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_file_that_is_not_a_notebook_is_one_line(content: bytes, problem: str) -> None:
    if not problem:
        assert extract(content, HEAD)
        return
    with pytest.raises(UserError, match=problem) as raised:
        extract(content, HEAD)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "text",
        {},
        {"cell_type": "code"},
        {"cell_type": ["code"]},
        {"cell_type": "code", "source": 3, "metadata": []},
        {"cell_type": "code", "source": [1, "x = 1\n", None], "metadata": {"nbgrader": "yes"}},
        {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": ["solution"]}}},
        {"cell_type": "code", "source": "s = '\ud800'", "metadata": None, "id": 7},
        {"cell_type": "code", "source": "a\0b", "attachments": {"x": 1, "y": {"z": 2}}},
    ],
    ids=repr,
)
def test_invalid_cells_cost_the_others_nothing(odd: object) -> None:
    assert code_of(SOLVED)[0] in code_of(odd, SOLVED, odd)


def test_no_cells_at_all_is_a_submission_that_defines_nothing(tmp_path: Path) -> None:
    found = read()
    assert "no solution cell" in found.notes[0]
    (tmp_path / "head.py").write_bytes(found.content)
    with pytest.raises(LearnerError, match="defines no function named 'find_head'"):
        Submission(Loopback(tmp_path / "head.py"), "head.py").call("find_head", 1)


@pytest.mark.parametrize(
    ("code", "kept", "dropped"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1", ["%matplotlib inline"]),
        ("!pip install a \\\n  b\nx = 1", "pass\n\nx = 1", ["!pip install a \\\n  b"]),
        ("if x:\n    !ls '\ny = 2", "if x:\n    pass\ny = 2", ["!ls '"]),
        ("files = !ls\nhead?\n??head", "pass\npass\npass", ["files = !ls", "head?", "??head"]),
        ("%%time\nx = 1", "\nx = 1", ["%%time"]),
        ("\n%%bash -s\nrm -rf /\n", "\n\n\n", ["%%bash -s"]),
        *(
            (code, code, [])
            for code in (
                "x = (1\n% 2)",
                "x = 1 \\\n% 2",
                's = """\n%d\n!\n"""',
                "s = '''\n\\'''\n!\n'''",
                "x %= 2\ny = a != b",
                "# really?\nprint('why?')",
                "s = 'a\\\n%d'",
                "@f\ndef g(): ...",
            )
        ),
    ],
)
def test_lines_that_are_jupyters_alone_are_left_out(
    code: str, kept: str, dropped: list[str]
) -> None:
    assert without_magics(code)[0] == kept
    assert [d.text for d in without_magics(code)[1]] == dropped
    assert kept.count("\n") == code.count("\n"), "lines keep their numbers"


@pytest.mark.parametrize("line", ["# ' \\\n", "x = \\\n", "(\n"])
def test_magics_are_found_in_one_pass(line: str) -> None:
    code = line * (LARGEST_CODE // len(line))  # a second pass for each line would take hours
    assert without_magics(code)[0].count("\n") == code.count("\n")


def test_what_is_left_out_is_said_with_its_line() -> None:
    found = read(
        cell("import torch\n\n%%time\n!ls"), cell("x = 1\n!ls\x1b[31m", grade_id="solution")
    )
    assert "solution cell, line 2: `!ls\\x1b[31m` is left out" in found.notes
    many = read(cell("!ls\n" * 50))
    assert len(many.notes) == 21
    assert many.notes[-1] == "and 31 more lines like these"


def test_messages_name_the_cell_and_its_line(tmp_path: Path) -> None:
    found = read(cell("import os\n"), SOLVED, cell("a\nb"))
    line = found.content.split(b"\n").index(b"    return 'fc'") + 1
    message = f"where     head.py:{line}  return 'fc'"
    assert found.in_words(message, "head.py") == "where     solution cell, line 2  return 'fc'"
    assert found.in_words("head.py defines no function", "head.py").startswith("the notebook def")
    assert found.in_words("head.py:1 head.py:99999", "head.py") == "the notebook cell 3, line 99993"


def test_a_cell_that_fails_does_not_cost_the_others(tmp_path: Path) -> None:
    cells = ["find_head()", "def find_head(m):\n    return 'fc'\nboom", "import", "exec('x\\0')"]
    assert learner(tmp_path, *cells).call("find_head", 1) == "fc"


def test_a_missing_function_is_explained_by_the_cell_that_would_define_it(tmp_path: Path) -> None:
    submission = learner(
        tmp_path, "boom", "x = 1\ndef find_head(m)\n    return 1", "def other(): ..."
    )
    with pytest.raises(LearnerError, match="expected ':'") as raised:
        submission.call("find_head", 1)
    assert raised.value.lines[-1]["line"] == 4
    with pytest.raises(LearnerError, match="name 'boom' is not defined"):
        submission.call("swap_head", 1)


def test_an_experiment_that_never_ends_is_interrupted(tmp_path: Path) -> None:
    assert ALL_CELLS < 5
    endless = "while True:\n    try:\n        x = 1\n    except Exception:\n        break\n"
    endless += "while True: ..."
    assert learner(tmp_path, endless, "def find_head(m):\n    return x").call("find_head", 1) == 1


def test_cells_may_show_things_and_know_their_lines(tmp_path: Path) -> None:
    submission = learner(
        tmp_path, "a = 1", "display(a)\n\ndef find_head(m):\n    raise KeyError(m)"
    )
    with pytest.raises(LearnerError) as raised:
        submission.call("find_head", 1)
    assert raised.value.lines[-1]["line"] == 6


def test_an_ordinary_module_is_no_notebook() -> None:
    assert split_cells(b"# Cells of a notebook, and more\nx = 1\n") == []
    text, starts = join_cells(["a\nb", "", "c"])
    assert starts == [2, 4, 5]
    assert [code for _, code in split_cells(text.encode())] == [b"a\nb", b"", b"c\n"]


@pytest.mark.parametrize("starts", ["2, 9, 2, 9", "3, 3", "0, 2", "1", "2, 9999999"])
def test_a_forged_header_is_a_comment_of_an_ordinary_module(starts: str) -> None:
    # Places that overlap would make many copies of the text, in the process that trusts itself.
    text = f"# Cells of a notebook, at lines {starts}\nx = 1\n\ny = 2\n"
    assert split_cells(text.encode()) == []
