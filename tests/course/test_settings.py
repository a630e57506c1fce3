"""`course.yaml`: a mistake is reported with its line and its field."""

from pathlib import Path

import pytest

from grader.common.errors import UserError
from grader.course.settings import find_course, load_course
from tests.support.corpus import ROOT

TEXT = (ROOT / "course.yaml").read_text("utf-8")


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("trained_accuracy: 0.6", "trained_accuracy: 60", "thresholds.trained_accuracy"),
        ("source: embedded", "source: imagenet", "data.source"),
        ("module: head", "module: Head.py", "exercises.03.module"),
        ("module: head", "modul: head", "exercises.03.modul"),
        ("{find_head: 3, swap_head: 5", "{find_head: 0, swap_head: 5", "exercises.03.tasks.find"),
        ("penalty_per_day: 0.1", "penalty_per_day: often", "late_policy.penalty_per_day"),
        ('  "03":', '  "3":', "exercises.3"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new)
    path = tmp_path / "course.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        load_course(path)
    message = str(raised.value)
    assert f"course.yaml, line {line_of(text, new)}: `{field}" in message
    assert "\n" not in message


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "course.yaml"
    path.write_text(TEXT.replace("title: Transfer learning in PyTorch", ""), "utf-8")
    with pytest.raises(UserError, match=r"course\.yaml, line 1: `title`: field required"):
        load_course(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", r"line \d+: "),
        ("", "line 1: a course is a mapping"),
        ("- a\n- b\n", "line 1: a course is a mapping"),
        ("title: a\ndata:\n  root: x\n  root: y\n", "line 4: `root` is given twice"),
        ("title: \x00", r"line 1: "),
    ],
)
def test_broken_yaml_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "course.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError, match=message) as raised:
        load_course(path)
    assert "\n" not in str(raised.value)


def test_the_course_is_found_from_any_folder_below(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_course(tmp_path / "a" / "b").root == tmp_path


def test_no_course_anywhere_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no course\.yaml in .* or above it"):
        find_course(tmp_path)


def test_an_unknown_exercise_names_the_known_ones() -> None:
    with pytest.raises(UserError, match="there is no exercise '42': the course has 00, 01"):
        load_course(ROOT / "course.yaml").exercise("42")


def test_task_numbers_follow_the_order_of_the_tasks() -> None:
    course = load_course(ROOT / "course.yaml")
    assert course.task_number("03", "find_head") == "3.1"
    assert course.task_number("03", "mlp_head") == "3.3"
