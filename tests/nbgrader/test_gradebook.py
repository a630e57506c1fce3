"""Results in nbgrader's gradebook equal those of autograding, and manual grades are kept."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.common.errors import UserError
from grader.course.late_policy import DAY, late_penalty
from grader.course.scoring import Status, Verdict, score_exercise
from grader.course.settings import LatePolicy
from grader.grading.classroom import Result, SubmittedFolder
from grader.grading.handed_in.read import read_submission
from grader.nbgrader.collect import collect, notebook_of
from grader.nbgrader.feedback_cells import outputs
from grader.nbgrader.gradebook import check_gradebook, write_gradebook
from grader.nbgrader.scores import task_results
from tests.support.corpus import course, solution
from tests.support.notebooks import notebook

TASKS = course().exercise("03").tasks


def graded(folder: Path, student: str, *statuses: Status, status: str = "graded") -> Result:
    """A result with one check for each task."""
    verdicts = [
        Verdict(f"03.{task}.x", f"A title of {task}.", found, f"why {task}", 1.0, True)
        for task, found in zip(TASKS, statuses, strict=True)
    ]
    submission = SubmittedFolder(student, "03", folder / student / "03")
    submission.folder.mkdir(parents=True, exist_ok=True)
    return Result(submission, status, score_exercise(TASKS, verdicts), 10.0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A gradebook that knows exercise 03."""
    found = f"sqlite:///{tmp_path / 'gradebook.db'}"
    make_gradebook(found)
    return found


def make_gradebook(url: str, points: dict[str, int] = TASKS) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nbgrader.api.get_alembic_version", lambda: "0")  # it starts a program
        with Gradebook(url) as book:
            due = datetime(2026, 1, 1, 12)
            book.add_assignment("03", duedate=due)
            book.add_notebook("head", "03")
            for task, most in points.items():
                book.add_grade_cell(f"test_{task}", "head", "03", max_score=most, cell_type="code")


def grades(url: str, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
    with Gradebook(url) as book:
        found = book.find_submission_notebook("head", "03", student).grades
        return {
            g.name.removeprefix("test_"): (g.auto_score, g.manual_score, g.needs_manual_grade)
            for g in found
        }


def dump(url: str) -> list[str]:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return list(connection.iterdump())


P, F, N, E = Status.PASSED, Status.FAILED, Status.NEEDS_GPU, Status.GRADER_ERROR


def test_points_pending_and_missing_work_are_told_apart(url: str, tmp_path: Path) -> None:
    results = [
        graded(tmp_path, "anna", P, P, F),
        graded(tmp_path, "ben", P, N, F, status="pending"),
        Result(graded(tmp_path, "cleo", F, F, F).submission, "missing", [], 10.0, "nothing there"),
        Result(graded(tmp_path, "dan", F, F, F).submission, "grader_error", [], 10.0, "lost"),
    ]
    check_gradebook(url, course(), ["03"])
    assert write_gradebook(url, course(), results) == []
    find, swap, mlp = TASKS
    assert grades(url, "anna") == {
        find: (3, None, False),
        swap: (5, None, False),
        mlp: (0, None, False),
    }
    assert grades(url, "ben")[swap] == (None, None, True)
    assert set(grades(url, "cleo").values()) == {(0, None, False)}
    assert set(grades(url, "dan").values()) == {(None, None, True)}


def test_writing_again_changes_nothing(url: str, tmp_path: Path) -> None:
    results = [graded(tmp_path, "anna", P, N, F), graded(tmp_path, "bob", P, P, P)]
    (results[1].submission.folder / "timestamp.txt").write_text("2026-01-03 13:00:00 UTC")
    write_gradebook(url, course(), results)
    before = dump(url)
    write_gradebook(url, course(), results)
    assert dump(url) == before


def test_what_a_person_gave_stays(url: str, tmp_path: Path) -> None:
    write_gradebook(url, course(), [graded(tmp_path, "anna", P, F, F)])

    def review(book: Gradebook, task: str, score: float) -> None:
        grade = book.find_grade(f"test_{task}", "head", "03", "anna")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, 0.5, False
        book.db.commit()

    with Gradebook(url) as book:
        review(book, "swap_head", 4)
        review(book, "mlp_head", 1)
    before = dump(url)
    write_gradebook(url, course(), [graded(tmp_path, "anna", P, F, F)])
    assert dump(url) == before
    write_gradebook(url, course(), [graded(tmp_path, "anna", P, F, P)])
    assert grades(url, "anna")["swap_head"] == (0, 4, False)
    assert grades(url, "anna")["mlp_head"] == (2, 1, True), "the checks changed: to be looked at"
    with Gradebook(url) as book:
        assert book.find_submission("03", "anna").score == 3 + 4 + 1 + 2 * 0.5


def test_a_late_submission_loses_what_the_course_says(url: str, tmp_path: Path) -> None:
    result = graded(tmp_path, "anna", P, P, F)
    timestamp = result.submission.folder / "timestamp.txt"
    for text, penalty in (
        ("2026-01-01 12:00:00 UTC", None),
        ("2026-01-01 12:00:01 UTC", 0.8),
        ("2026-01-02 14:00:00 +0100", 1.6),
        ("2027-01-01 00:00:00 UTC", 4),
    ):
        timestamp.write_text(text)
        write_gradebook(url, course(), [result])
        with Gradebook(url) as book:
            found = book.find_submission_notebook("head", "03", "anna")
            assert found.late_submission_penalty == penalty, text
    with Gradebook(url) as book:
        book.grant_extension("03", "anna", weeks=60)
    write_gradebook(url, course(), [result])
    with Gradebook(url) as book:
        found = book.find_submission_notebook("head", "03", "anna")
        assert found.late_submission_penalty is None
    timestamp.write_bytes(b"\xff never")
    [problem] = write_gradebook(url, course(), [result])
    assert problem.startswith("anna/03: timestamp.txt contains no valid time")


def test_the_penalty_is_a_part_of_the_points_and_bounded() -> None:
    policy = LatePolicy(penalty_per_day=0.1, max_penalty=0.25)
    days = [late_penalty(policy, 8, n * DAY) for n in (-1, 0, 1e-9, 1, 1.001, 2, 3)]
    assert days == [0, 0, 0.8, 0.8, 1.6, 1.6, 2.0]
    assert late_penalty(policy, 0, DAY) == 0
    assert late_penalty(policy, 8, timedelta.max.total_seconds()) == 2


def test_a_gradebook_for_other_points_is_refused(tmp_path: Path) -> None:
    for name, points, told in (
        ("fewer", {"find_head": 3, "swap_head": 4, "mlp_head": 2}, "4 points for `test_swap_head`"),
        ("less", {"find_head": 3, "swap_head": 5}, "no verdict for `test_mlp_head`"),
        ("more", {**TASKS, "essay": 3}, "the course no verdict"),
    ):
        url = f"sqlite:///{tmp_path / name}"
        make_gradebook(url, points)
        with pytest.raises(UserError, match=told) as raised:
            check_gradebook(url, course(), ["03"])
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///{}/not_there.db", "missing or empty: run `nbgrader generate_assignment`"),
        ("sqlite:///{}/text.db", "cannot be used"),
        ("not a url", "cannot be used"),
        ("nosuch://host/db", "cannot be used"),
        ("postgresql+nodriver://host/db", "cannot be used"),
    ],
)
def test_an_unusable_gradebook_is_one_line_and_is_not_made(
    tmp_path: Path, url: str, told: str
) -> None:
    (tmp_path / "text.db").write_text("no database" * 100)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserError, match=told) as raised:
        check_gradebook(url.format(tmp_path), course(), ["03"])
    assert "\n" not in str(raised.value)
    assert sorted(tmp_path.iterdir()) == before


def test_an_exercise_that_is_not_released_is_named(url: str) -> None:
    with pytest.raises(UserError, match="no exercise 04: run `nbgrader generate_assignment 04`"):
        check_gradebook(url, course(), ["03", "04"])


def test_points_are_finite_and_never_more_than_there_are(tmp_path: Path) -> None:
    verdicts = [
        Verdict(f"03.mlp_head.{n}", "T.", Status.PASSED, "", 1 / 3, False) for n in range(7)
    ]
    submission = graded(tmp_path, "anna", F, F, F).submission
    result = Result(submission, "graded", score_exercise(TASKS, verdicts), 10.0)
    found = task_results(course(), result)
    assert found["test_mlp_head"].score == 2
    assert found["test_find_head"].score == 0


def test_a_verdict_is_shown_without_what_could_harm(tmp_path: Path) -> None:
    result = graded(tmp_path, "anna", F, F, F)
    verdict = Verdict("03.swap_head.x", "T.", F, "returned  <script>\x1b[31m</pre>", 1.0, False)
    checks = [(verdict, score) for _, score in result.checks]
    found = task_results(course(), Result(result.submission, "graded", checks, 10.0))
    [output] = outputs(found["test_swap_head"], "", ["a <note>"])
    page = output["data"]["text/html"]
    assert "<script>" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;\\x1b[31m&lt;/pre&gt;" in page
    assert "a &lt;note&gt;" in page
    assert output["data"]["text/plain"] == "0.0"


def test_a_pending_task_is_an_error_output_and_earns_nothing(tmp_path: Path) -> None:
    found = task_results(course(), graded(tmp_path, "anna", N, P, P))
    [output] = outputs(found["test_find_head"], "", [])
    assert output["output_type"] == "error"
    assert output["evalue"] == "Task 3.1 is not graded yet: why find_head"


def test_a_python_file_is_collected_as_both_and_graded_as_itself(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "anna" / "03"
    folder.mkdir(parents=True)
    (folder / "head.py").write_bytes(solution("03").text.replace("\n", "\r\n").encode())
    (folder / "timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    (folder / "notes.txt").write_text("not collected")
    submission, into = SubmittedFolder("anna", "03", folder), tmp_path / "submitted"
    done = collect(course(), submission, into, update=False)
    assert (done.done, done.made) == ("collected", True)
    target = into / "anna" / "03"
    assert sorted(p.name for p in target.iterdir()) == ["head.ipynb", "head.py", "timestamp.txt"]
    read = read_submission(course(), "03", target)
    assert (read.file_name, list(read.notes)) == ("head.py", [])
    assert collect(course(), submission, into, update=False).done == "unchanged"


def test_what_was_collected_before_is_replaced_only_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "anna" / "03"
    folder.mkdir(parents=True)
    (folder / "head.ipynb").write_text(notebook("03", "first = 1"))
    submission, into = SubmittedFolder("anna", "03", folder), tmp_path / "submitted"
    collect(course(), submission, into, update=False)
    (folder / "head.ipynb").write_text(notebook("03", "second = 2"))
    left = collect(course(), submission, into, update=False)
    assert "pass --update" in left.problem
    assert b"first" in (into / "anna" / "03" / "head.ipynb").read_bytes()
    assert collect(course(), submission, into, update=True).done == "collected"
    assert b"second" in (into / "anna" / "03" / "head.ipynb").read_bytes()


def test_what_cannot_be_collected_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "anna" / "03"
    folder.mkdir(parents=True)
    submission = SubmittedFolder("anna", "03", folder)
    (folder / "Head.py").write_text("")
    done = collect(course(), submission, tmp_path / "submitted", update=False)
    assert done.problem == "neither head.ipynb nor head.py is there"
    (folder / "head.py").symlink_to(folder / "Head.py")
    done = collect(course(), submission, tmp_path / "submitted", update=False)
    assert done.problem == "head.py is a link: the file itself is expected"
    assert not (tmp_path / "submitted").exists()


def test_a_file_that_is_not_utf8_becomes_a_notebook_all_the_same() -> None:
    assert b"x = " in notebook_of(b"x = '\xff'")
