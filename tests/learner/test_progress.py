"""Progress is read from results, and results that are out of date never count."""

import base64
import io
import json
import os
import shutil
import subprocess
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from grader.common import fingerprint as kit
from grader.course.scoring import Status, Verdict
from grader.course.settings import Course, load_course
from grader.learner import kept_results as results
from grader.learner import rerun
from grader.learner.kept_results import FOLDER, Age, Kept, fingerprint, keep, source_file, standing
from grader.learner.progress import next_step, overview, show_overview, show_standing, task_state
from grader.learner.progress_page import write_page
from grader.learner.rerun import up_to_date
from tests.support.corpus import ROOT, solution
from tests.support.warm_python import run_module

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of three exercises with the files of the real one."""
    text = (ROOT / "course.yaml").read_text("utf-8")
    (tmp_path / "course.yaml").write_text(text, "utf-8")
    whole = load_course(tmp_path / "course.yaml")
    for number in ("00", "02", "03"):
        shutil.copytree(ROOT / "exercises" / number, tmp_path / "exercises" / number)
    some = {number: whole.exercises[number] for number in ("00", "02", "03")}
    return whole.model_copy(update={"exercises": some})


def found(course: Course, number: str, *statuses: Status, message: str = "") -> Kept:
    """Results of a run with one check for each task."""
    verdicts = tuple(
        Verdict(f"{number}.{task}.x", "It <works>.", status, message, 1.0, False)
        for task, status in zip(course.exercise(number).tasks, statuses, strict=False)
    )
    checks = tuple(f"{number}.{task}.x" for task in course.exercise(number).tasks)
    return Kept(fingerprint=fingerprint(course, number), checks=checks, verdicts=verdicts)


def edit(course: Course, number: str, text: str = "# edited\n") -> None:
    path = source_file(course, number)
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def printed(course: Course, show: object = show_overview) -> str:
    standings = {number: standing(course, number) for number in course.exercises}
    console = Console(file=io.StringIO(), width=80)
    assert callable(show)
    show(course, standings, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# ------------------------------------------------------------------- what is kept


def test_a_result_stands_as_long_as_nothing_changes(course: Course) -> None:
    assert standing(course, "03").age is Age.NEW
    assert keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    assert standing(course, "03").passed
    assert standing(course, "03").earned == 10


def test_an_edited_file_is_no_longer_passed_and_earns_nothing(course: Course) -> None:
    keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    edit(course, "03")
    assert standing(course, "03").age is Age.CHANGED
    assert not standing(course, "03").passed
    assert standing(course, "03").earned == 0


def test_an_edit_that_is_taken_back_leaves_the_result_valid(course: Course) -> None:
    keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    before = source_file(course, "03").read_bytes()
    edit(course, "03")
    source_file(course, "03").write_bytes(before)
    assert standing(course, "03").passed


@pytest.mark.parametrize("what", ["checks", "settings", "kit", "library", "gpu"])
def test_a_change_of_anything_a_verdict_depends_on_makes_it_out_of_date(
    course: Course, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    if what == "checks":
        with course.visible_checks("03").open("a") as file:
            file.write("\n")
    elif what == "settings":
        thresholds = course.thresholds.model_copy(update={"trained_accuracy": 0.1})
        course = course.model_copy(update={"thresholds": thresholds})
    elif what == "kit":
        monkeypatch.setattr(kit, "_digest_of_kit", lambda: "another")
    elif what == "library":
        monkeypatch.setattr(kit, "version", lambda name: "99.9")
    else:
        monkeypatch.setattr(results, "_gpus", lambda: ["nvidia0"])
    assert standing(course, "03").age is Age.CHANGED


def test_a_file_that_was_edited_while_the_checks_ran_keeps_no_result(course: Course) -> None:
    kept = found(course, "03", *[Status.PASSED] * 3)
    edit(course, "03")
    assert not keep(course, "03", kept)
    assert standing(course, "03").age is Age.NEW


def test_some_checks_alone_are_not_the_whole_exercise_and_the_rest_completes_them(
    course: Course,
) -> None:
    whole = found(course, "03", *[Status.PASSED] * 3)
    keep(course, "03", whole.model_copy(update={"verdicts": whole.verdicts[:1]}))
    assert standing(course, "03").age is Age.PARTIAL
    assert not standing(course, "03").passed
    keep(course, "03", whole.model_copy(update={"verdicts": whole.verdicts[1:]}))
    assert standing(course, "03").passed


def test_what_the_kit_could_not_run_is_tried_again(course: Course) -> None:
    keep(course, "03", found(course, "03", Status.PASSED, Status.PASSED, Status.GRADER_ERROR))
    assert not standing(course, "03").settled
    keep(course, "03", found(course, "03", Status.PASSED, Status.PASSED, Status.NEEDS_GPU))
    assert standing(course, "03").settled


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": 3}', "\xff"])
def test_a_damaged_file_is_no_result(course: Course, text: str) -> None:
    keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    (course.root / FOLDER / "03.json").write_text(text, "latin-1")
    assert standing(course, "03").age is Age.NEW


def test_where_nothing_can_be_kept_nothing_breaks(course: Course) -> None:
    (course.root / FOLDER).write_text("a file where the folder belongs")
    kept = found(course, "03", *[Status.PASSED] * 3)
    assert not keep(course, "03", kept)
    assert standing(course, "03", kept).passed
    assert standing(course, "03").age is Age.NEW


# ------------------------------------------------------------------- what is shown


def test_the_overview_has_every_exercise_and_task_with_state_and_points(course: Course) -> None:
    keep(course, "00", found(course, "00", *[Status.NOT_ATTEMPTED] * 3))
    keep(course, "02", found(course, "02", Status.PASSED, Status.FAILED, *[Status.PASSED] * 2))
    keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    rows = [" ".join(line.split()) for line in printed(course).splitlines()]
    assert "17 of 30 points by the visible checks" in rows
    assert "00 From a garment image to model input not attempted 0 of 10" in rows
    assert "0.1 build_transform not attempted 0 of 4" in rows
    assert "02 What may learn, and what may not begun 7 of 10" in rows
    assert "2.2 freeze_backbone failed 0 of 3" in rows
    assert "03 A new classifier passed 10 of 10" in rows
    assert rows[-3:] == [
        "Next: task 2.2, `freeze_backbone`",
        f"edit {source_file(course, '02').as_posix()}",
        f"run pytest {Path(os.path.relpath(source_file(course, '02').parent)).as_posix()}",
    ]


def test_the_command_is_the_one_that_works_in_the_current_folder(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in course.exercises:
        keep(course, number, found(course, number, Status.FAILED))
    folders = {".": "pytest exercises/00", "exercises": "pytest 00", "exercises/00": "pytest"}
    for folder, command in folders.items():
        monkeypatch.chdir(course.root / folder)
        assert printed(course).splitlines()[-1] == f"  run   {command}"


def test_what_is_out_of_date_is_called_so_and_earns_nothing(course: Course) -> None:
    keep(course, "03", found(course, "03", *[Status.PASSED] * 3))
    edit(course, "03")
    rows = [" ".join(line.split()) for line in printed(course).splitlines()]
    assert "03 A new classifier changed 0 of 10" in rows
    assert "3.1 find_head 0 of 3" in rows
    text = printed(course, show_standing)
    assert "Changed since the last run: 03." in text
    assert "0 of 3 exercises pass, 0 of 30 points" in text


def test_eighty_columns_suffice(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.root)
    problem = "stopped after 30 seconds: does a loop never end? `pytest exercises/03` runs on"
    found_ = found(course, "03").model_copy(update={"problem": problem, "checks": ()})
    assert keep(course, "03", found_)
    exercise = course.exercises["00"].model_copy(update={"title": "A very long title " * 9})
    course = course.model_copy(update={"exercises": {**course.exercises, "00": exercise}})
    lines = [*printed(course).splitlines(), *printed(course, show_standing).splitlines()]
    assert max(map(len, lines)) <= 80


def test_the_file_to_edit_is_a_link_on_a_terminal_and_plain_elsewhere(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    standings = {number: standing(course, number) for number in course.exercises}
    file = io.StringIO()
    show_overview(course, standings, Console(file=file, force_terminal=True))
    assert "\x1b]8;id=" in file.getvalue()
    assert source_file(course, "00").as_uri() in file.getvalue()
    assert "\x1b[3" not in file.getvalue(), "NO_COLOR is set"
    assert "\x1b" not in printed(course)


def test_every_state_is_a_word(course: Course) -> None:
    keep(course, "03", found(course, "03", Status.PASSED, Status.FAILED, Status.NOT_ATTEMPTED))
    standings = {number: standing(course, number) for number in course.exercises}
    states = {row.state for row in overview(course, standings) if row.label.startswith("03")}
    assert states == {"begun"}
    tasks = [task_state(standings["03"], task) for task in course.exercise("03").tasks]
    assert tasks == ["passed", "failed", "not attempted"]


def test_what_waits_for_a_gpu_is_open_and_leaves_nothing_to_do(course: Course) -> None:
    keep(course, "03", found(course, "03", Status.PASSED, Status.PASSED, Status.NEEDS_GPU))
    here = standing(course, "03")
    assert here.passed
    assert task_state(here, "mlp_head") == "open"
    assert next_step(course, {"03": here}) is None


def test_the_first_time_begins_with_the_first_lesson(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.root)
    text = printed(course, show_standing)
    assert "exercises/00/README.md" in text
    assert "run   pytest exercises/00" in text


def test_a_missing_file_is_reset(course: Course) -> None:
    source_file(course, "00").unlink()
    step = next_step(course, {"00": standing(course, "00")})
    assert step is not None
    assert step.command == "grader reset 00"


def test_when_all_is_done_it_is_said(course: Course) -> None:
    for number, exercise in course.exercises.items():
        keep(course, number, found(course, number, *[Status.PASSED] * len(exercise.tasks)))
    assert "Every visible check passes." in printed(course)
    assert "3 of 3 exercises pass, 30 of 30 points" in printed(course, show_standing)


# -------------------------------------------------------------------------- the page


class Tags(HTMLParser):
    """What a page refers to, and whether its tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.sources += [values[name] or "" for name in ("src", "href") if name in values]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(course: Course) -> str:
    standings = {number: standing(course, number) for number in course.exercises}
    path = course.root / "progress.html"
    write_page(course, standings, datetime(2026, 11, 24, 12, 0), path)
    return path.read_text("utf-8")


def test_the_page_needs_nothing_but_itself_and_shows_the_learners_figures(course: Course) -> None:
    (course.root / "figures/03").mkdir(parents=True)
    (course.root / "figures/03/my_<curve>.png").write_bytes(PIXEL)
    (course.root / "figures/03/broken.png").write_bytes(b"no picture")
    (course.root / "figures/03/confusion.png").write_bytes(PIXEL)
    text = page(course)
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    pictures = [uri for uri in tags.sources if uri.startswith("data:image/png;base64,")]
    assert [base64.b64decode(uri.partition(",")[2]) for uri in pictures] == [PIXEL, PIXEL]
    assert all(uri.startswith(("data:", "file:")) for uri in tags.sources), tags.sources
    assert "my &lt;curve&gt;" in text
    assert "<script" not in text


def test_the_page_says_what_failed_and_obeys_no_text_of_the_learners(course: Course) -> None:
    message = "returned  <script>alert(1)</script>\x1b[31m"
    statuses = (Status.PASSED, Status.FAILED, Status.NOT_ATTEMPTED)
    keep(course, "03", found(course, "03", *statuses, message=message))
    text = page(course)
    assert "It &lt;works&gt;." in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert "1 check\nfailed in <code>head.py</code>" in text
    assert "3 of 10 points" in text


# ------------------------------------------------------------------ running the checks


@pytest.fixture
def bundle(tmp_path: Path) -> Course:
    """Two exercises as a learner has them, with the kit beside them."""
    for number in ("02", "03"):
        shutil.copytree(ROOT / "exercises" / number, tmp_path / "exercises" / number)
    shutil.copy(ROOT / "exercises" / "conftest.py", tmp_path / "exercises")
    for name in ("course.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    course = load_course(tmp_path / "course.yaml")
    lines = (tmp_path / "course.yaml").read_text("utf-8").partition("exercises:\n")[0]
    some = {n: course.exercises[n].model_dump(mode="json") for n in ("02", "03")}
    (tmp_path / "course.yaml").write_text(f"{lines}exercises: {json.dumps(some)}\n", "utf-8")
    return load_course(tmp_path / "course.yaml")


def grader(course: Course, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **more}
    return run_module("grader", *arguments, cwd=course.root, env=environment, timeout=120)


def test_progress_runs_what_has_changed_and_nothing_else(bundle: Course) -> None:
    source_file(bundle, "03").write_text(solution("03").text, "utf-8")
    first = grader(bundle, "progress", "--html")
    assert first.returncode == 0, first.stderr
    assert "grader: checking exercise 02\ngrader: checking exercise 03\n" in first.stderr
    assert "10 of 20 points by the visible checks" in first.stdout
    assert "Next: task 2.1, `freeze`" in first.stdout
    assert "  edit  exercises/02/freeze.py" in first.stdout
    assert (bundle.root / "progress.html").is_file()
    second = grader(bundle, "progress")
    assert second.stderr == ""
    assert second.stdout in first.stdout
    bare = grader(bundle, PYTHONIOENCODING="ascii")
    assert bare.returncode == 0, bare.stderr
    assert "1 of 2 exercises pass, 10 of 20 points by the visible checks" in bare.stdout


@pytest.mark.proof
def test_code_that_ends_python_or_never_ends_costs_its_own_exercise_alone(
    bundle: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerun, "PATIENCE", 1)
    limits = bundle.exercises["02"].limits.model_copy(update={"cpu_seconds": 2})
    exercise = bundle.exercises["02"].model_copy(update={"limits": limits})
    course = bundle.model_copy(update={"exercises": {**bundle.exercises, "02": exercise}})
    edit(course, "02", "while True:\n    pass\n")
    edit(course, "03", "import os\nos._exit(7)\n")
    begun: list[str] = []
    standings = up_to_date(course, ["02", "03"], begun.append)
    assert "does a loop never end?" in standings["02"].problem
    assert "exit code 7" in standings["03"].problem
    assert begun == ["02", "03"]
    assert up_to_date(course, ["02", "03"], begun.append) == standings
    assert begun == ["02", "03"], "a problem is kept, too"
