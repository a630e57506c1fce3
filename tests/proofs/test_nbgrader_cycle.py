"""The whole cycle with nbgrader's own commands: from `grader release` to the exported grades.

There are twelve students, some with submissions of the attack suite. The kit is a copy with marks
in everything secret, and no mark may be in anything that learners or nbgrader get.
"""

import re
import sqlite3
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.sandbox.layers import find_mode
from tests.support.canary import ANSWERS, HIDDEN, find_marks, plant
from tests.support.corpus import ROOT, mutants, solution, stub
from tests.support.hostile import attacks
from tests.support.nbgrader_course import NbgraderCourse

pytestmark = pytest.mark.proof
DUE = "2026-03-01 12:00:00 UTC"
IN_TIME = "2026-03-01 11:59:59 UTC"
LATE = "2026-03-02 12:00:01 UTC"  # the second day has begun
MUTANTS = ("softmax_at_the_end", "always_fc")
ATTACKS = ("read_checks", "read_solutions", "patched_comparisons", "forged_replies")
WHOLE = {"anna", "late", "python file", "added cells"}
NOTHING = {"untouched", "damaged"}


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> NbgraderCourse:
    """A course after autograding, feedback and export."""
    if not find_mode().safe:
        pytest.skip("this system offers no isolation (see `grader doctor`)")
    kit = plant(tmp_path_factory.mktemp("kit"), ROOT)
    course = NbgraderCourse(kit.root, kit=kit.root)
    course.grader("release", "--exercise", "03")
    course.nbgrader("db", "assignment", "add", "03", f"--duedate={DUE}")
    course.nbgrader("generate_assignment", "03")
    right = solution("03").text
    course.hand_in("anna", course.answered(right), IN_TIME)
    course.hand_in("late", course.answered(right), LATE)
    course.hand_in("untouched", course.answered(stub("03").text), IN_TIME)
    course.hand_in("damaged", "{", IN_TIME)
    spread = course.answered(right.replace("from torch import nn", ""))
    for position, text in ((0, "%matplotlib inline\nfrom torch import nn"), (3, "swap_head(1)")):
        added = {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}
        spread["cells"].insert(position, {**added, "execution_count": 1, "id": f"added{position}"})
    course.hand_in("added cells", spread, IN_TIME)
    for mutant in mutants():
        if mutant.number == "03" and mutant.name in MUTANTS:
            course.hand_in(mutant.name, course.answered(mutant.text), IN_TIME)
    for attack in attacks(ATTACKS):
        assert attack.exercise == "03"
        course.hand_in(attack.name, course.answered(attack.text), IN_TIME)
    by_mail = course.root / "by_mail" / "python file" / "03"
    by_mail.mkdir(parents=True)
    (by_mail / "head.py").write_text(right)
    course.grader("collect", "by_mail")
    course.autograde(jobs=2)
    course.nbgrader("generate_feedback", "03")
    return course


def test_everybody_has_the_points_that_they_earned(cycle: NbgraderCourse) -> None:
    scores = cycle.scores()
    assert len(scores) == 12
    assert {scores[name] for name in WHOLE} == {10}
    assert {scores[name] for name in NOTHING} == {0}
    assert all(0 < scores[name] < 10 for name in MUTANTS)
    won = {a.name: scores[a.name] for a in attacks(ATTACKS) if scores[a.name] > a.most}
    assert not won


def test_feedback_shows_points_and_messages_of_the_own_cells(cycle: NbgraderCourse) -> None:
    scores = cycle.scores()
    for student, score in scores.items():
        found = re.search(r"\(Score: ([0-9.]+) / 10.0\)", cycle.feedback(student))
        assert found, student
        late = 2.0 if student == "late" else 0.0
        assert float(found[1]) == pytest.approx(score - late, abs=0.005), student
    page = cycle.feedback("softmax_at_the_end")
    assert re.search(r"where +solution cell, line [0-9]+", page)
    assert "`%matplotlib inline` is left out" in cycle.feedback("added cells")
    assert "head.ipynb is damaged" in cycle.feedback("damaged")


def test_the_exported_table_has_points_and_penalties(cycle: NbgraderCourse) -> None:
    rows, scores = cycle.exported(), cycle.scores()
    assert rows.keys() == scores.keys()
    for student, row in rows.items():
        assert float(row["raw_score"]) == pytest.approx(scores[student])
        late = 2.0 if student == "late" else 0.0
        assert float(row["late_submission_penalty"]) == late
        assert float(row["score"]) == pytest.approx(scores[student] - late)
        assert float(row["max_score"]) == 10


def test_nothing_secret_is_in_what_learners_get(cycle: NbgraderCourse) -> None:
    cycle.exported()
    names = ("source", "release", "autograded", "feedback", "grades.csv", "gradebook.db")
    found = find_marks([HIDDEN, ANSWERS], *(cycle.root / name for name in names))
    assert not any(found.values()), found


def test_what_people_gave_survives_another_autograding(cycle: NbgraderCourse) -> None:
    def review(book: Gradebook) -> None:
        grade = book.find_grade("test_mlp_head", "head", "03", "untouched")
        grade.manual_score = 1.5
        comment = book.find_comment("solution", "head", "03", "untouched")
        comment.manual_comment = "come to the tutorial on Monday"
        book.db.commit()

    cycle.ask(review)
    printed = cycle.autograde("--force", "--student", "untouched")
    assert "Traceback" not in printed
    assert cycle.tests_of("untouched")["test_mlp_head"] == (0, 1.5, True)
    cycle.nbgrader("generate_feedback", "03", "--force", "--student", "untouched")
    page = cycle.feedback("untouched")
    assert "come to the tutorial on Monday" in page
    assert "(Score: 1.5 / 10.0)" in page


def test_grader_grade_writes_the_same_and_writes_it_once(cycle: NbgraderCourse) -> None:
    def dump() -> list[str]:
        with sqlite3.connect(cycle.root / "gradebook.db") as connection:
            return list(connection.iterdump())

    before = dump()
    options = ("submitted", "--out", "graded/03", "--gradebook", cycle.url)
    printed = cycle.grader("grade", *options, code=2)
    assert "damaged/03: head.ipynb is damaged" in printed
    assert dump() == before, "autograding had written all of it"
    cycle.ask(lambda book: [book.remove_submission("03", name) for name in cycle.scores()])
    cycle.grader("grade", *options, code=2)
    scores = cycle.scores()
    assert {scores[name] for name in WHOLE} == {10}
    again = dump()
    cycle.grader("grade", *options, code=2)
    assert dump() == again


FORMGRADER = """
from nbgrader.apps import AutogradeApp
from nbgrader.apps.api import NbGraderAPI
app = AutogradeApp()
app.initialize([])
api = NbGraderAPI(app.coursedir, config=app.config, parent=app)
print(api.autograde("03", "anna"))
print(api.generate_feedback("03", "anna"))
print(api.get_submission("03", "anna")["score"], api.get_assignment("03")["max_score"])
"""


def test_formgrader_autogrades_with_the_kit(cycle: NbgraderCourse) -> None:
    script = cycle.root / "formgrader.py"
    script.write_text(FORMGRADER)
    printed = cycle.python(script)
    assert printed.count("'success': True") == 2
    assert printed.splitlines()[-1] == "10.0 10.0"
    assert (cycle.root / "graded" / "03" / "journal.db").is_file()


def test_a_first_run_without_isolation_grades_nothing(tmp_path: Path) -> None:
    course = NbgraderCourse(tmp_path)
    course.release()
    course.hand_in("anna", course.answered(solution("03").text))
    (tmp_path / "nbgrader_config.py").write_text(
        (tmp_path / "nbgrader_config.py").read_text()
        + "\nfrom grader.nbgrader import exporter\n"
        + "class Unsafe:\n    safe = False\n"
        + "exporter.find_mode = Unsafe\n"
    )
    printed = course.nbgrader("autograde", "03", code=1)
    assert "this system offers no isolation for submissions" in printed
    assert "Traceback" not in printed
    assert course.scores() == {}
    assert not (tmp_path / "autograded").exists()


def test_without_the_configuration_nobody_gets_points(tmp_path: Path) -> None:
    course = NbgraderCourse(tmp_path)
    course.release()
    course.hand_in("anna", course.answered(solution("03").text))
    (tmp_path / "nbgrader_config.py").unlink()
    course.nbgrader("autograde", "03")
    assert course.scores() == {"anna": 0}
    told = str(course.autograded("anna")["cells"])
    assert "this notebook can only be graded with the kit's nbgrader_config.py" in told


def test_a_configuration_without_its_course_stops_at_once(tmp_path: Path) -> None:
    course = NbgraderCourse(tmp_path)
    (tmp_path / "course.yaml").write_text("title: [")
    printed = course.nbgrader("autograde", "03", code=1)
    assert "nbgrader_config.py: course.yaml, line 1" in printed
    assert "Traceback" not in printed
