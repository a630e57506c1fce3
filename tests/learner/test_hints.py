"""`grader hint 03`: one tier more each time, remembered, and never more than the course gives."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from grader.cli import main
from grader.common.errors import UserError
from grader.common.markdown import reflow, sections
from grader.common.terminal import WIDTH
from grader.course.scoring import Status, Verdict
from grader.course.settings import Course, load_course
from grader.learner.hints import find_hints, find_task, next_task, reveal
from grader.learner.kept_results import FOLDER, Kept, fingerprint, keep
from tests.support.corpus import ROOT
from tests.support.corpus import course as real_course

TIERS = ["Nudge", "Approach", "Call"]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copy(ROOT / "course.yaml", tmp_path)
    shutil.copytree(ROOT / "exercises" / "03", tmp_path / "exercises" / "03")
    return load_course(tmp_path / "course.yaml")


def shown(course: Course, task: str = "swap_head", *, again: bool = False) -> str:
    return "\n".join(reveal(course, find_hints(course, "03", task), again=again))


@pytest.mark.parametrize("number", real_course().exercises)
def test_every_task_has_all_tiers_and_they_fit_the_terminal(number: str) -> None:
    for task in real_course().exercise(number).tasks:
        hints = find_hints(real_course(), number, task)
        assert list(hints.tiers) == TIERS
        for text in hints.tiers.values():
            lines = list(reflow(text))
            assert any(lines)
            assert all(len(line) <= WIDTH for line in lines), max(lines, key=len)


@pytest.mark.parametrize("number", real_course().exercises)
def test_code_in_hints_is_python(number: str) -> None:
    for block in (
        (ROOT / "exercises" / number / "hints.md").read_text("utf-8").split("```python")[1:]
    ):
        compile(block.partition("```")[0], number, "exec")


def test_each_call_shows_the_next_tier_and_no_later_one(course: Course) -> None:
    for position, tier in enumerate(TIERS, start=1):
        text = shown(course)
        assert f"{tier} ({position} of 3)" in text
        assert not any(f"{other} (" in text for other in TIERS if other != tier)
    assert "last hint" in text


def test_other_tasks_have_a_memory_of_their_own(course: Course) -> None:
    shown(course)
    assert "Nudge (1 of 3)" in shown(course, "mlp_head")


def test_what_was_shown_can_be_read_again_and_nothing_new(course: Course) -> None:
    shown(course)
    for _ in range(2):
        text = shown(course, again=True)
        assert "Nudge (1 of 3)" in text
        assert "Approach (" not in text
    assert "Approach (2 of 3)" in shown(course)


def test_when_all_was_shown_all_is_shown_again(course: Course) -> None:
    for _ in TIERS:
        shown(course)
    text = shown(course)
    assert all(f"{tier} (" in text for tier in TIERS)


def test_a_course_that_gives_fewer_tiers_says_which_is_the_last(course: Course) -> None:
    path = course.root / "exercises" / "03" / "hints.md"
    text = path.read_text("utf-8")
    path.write_text(text.partition("### Approach")[0], "utf-8")
    assert "Nudge (1 of 1)" in shown(course, "find_head")
    assert "That was the last hint for this task" in shown(course, "find_head")
    with pytest.raises(UserError, match=r"no hints for task 3\.2, `swap_head`"):
        shown(course)


def test_without_a_file_of_hints_it_is_one_line(course: Course) -> None:
    (course.root / "exercises" / "03" / "hints.md").unlink()
    with pytest.raises(UserError, match="gives no hints"):
        shown(course)


@pytest.mark.parametrize("memory", ["", "[]", '{"03": 5}', '{"03": {"swap_head": "x"}}', "{{"])
def test_a_damaged_memory_is_no_memory(course: Course, memory: str) -> None:
    (course.root / FOLDER).mkdir()
    (course.root / FOLDER / "hints.json").write_text(memory)
    assert "Nudge (1 of 3)" in shown(course)
    assert json.loads((course.root / FOLDER / "hints.json").read_text()) == {"03": {"swap_head": 1}}


def test_where_nothing_can_be_remembered_the_hint_is_shown_and_it_is_said(course: Course) -> None:
    (course.root / FOLDER).write_text("a file where the folder belongs")
    text = shown(course)
    assert "Nudge (1 of 3)" in text
    assert "cannot be remembered" in text


@pytest.mark.parametrize("name", ["swap_head", "3.2", "2"])
def test_a_task_has_three_names(course: Course, name: str) -> None:
    assert find_task(course, "03", name) == "swap_head"


def test_an_unknown_task_is_told_which_there_are(course: Course) -> None:
    with pytest.raises(UserError, match=r"no task 'swap': it has 3\.1 find_head, 3\.2 swap_head"):
        find_task(course, "03", "swap")


def remember(course: Course, *statuses: Status) -> None:
    """Results of a run, one check a task."""
    tasks = course.exercise("03").tasks
    verdicts = tuple(
        Verdict(f"03.{task}.x", "It works.", status, "", 1.0, False)
        for task, status in zip(tasks, statuses, strict=True)
    )
    checks = tuple(verdict.id for verdict in verdicts)
    found = Kept(fingerprint=fingerprint(course, "03"), checks=checks, verdicts=verdicts)
    assert keep(course, "03", found)


def not_run(number: str) -> None:
    raise AssertionError("the results are there: no check is to be run")


def test_without_a_task_the_next_to_do_is_meant_a_failed_one_first(course: Course) -> None:
    remember(course, Status.PASSED, Status.NOT_ATTEMPTED, Status.FAILED)
    assert next_task(course, "03", not_run) == "mlp_head"
    remember(course, Status.PASSED, Status.NOT_ATTEMPTED, Status.PASSED)
    assert next_task(course, "03", not_run) == "swap_head"


def test_when_nothing_is_left_to_do_a_task_must_be_named(course: Course) -> None:
    remember(course, Status.PASSED, Status.PASSED, Status.PASSED)
    with pytest.raises(UserError, match="name a task to read its hints"):
        next_task(course, "03", not_run)


def test_the_command_shows_a_hint(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["grader", "hint", "03", "2", "--course", str(course.root)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith("Task 3.2, swap_head\n\nNudge (1 of 3)\n\n  The name that `find_head`")
    assert "2 more: `grader hint 03 swap_head` shows the next one." in out


def test_a_comment_in_code_is_no_heading() -> None:
    text = "## A\n\n```python\n## no heading\n```\n\n### inner\n\n## B\nb\n"
    assert list(sections(text, 2)) == ["A", "B"]
    assert "## no heading" in sections(text, 2)["A"]


def test_prose_is_wrapped_and_code_is_not() -> None:
    text = f"- {'word ' * 30}\n- second\n\n```bash\n{'x' * 90}\n```"
    lines = list(reflow(text))
    assert lines[0].startswith("  - word")
    assert lines[1].startswith("    word")
    assert "  - second" in lines
    assert f"      {'x' * 90}" in lines
