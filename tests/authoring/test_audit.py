"""`grader audit`: every kind of fault is found, and nothing else is called one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.authoring.audit import answers as audit
from grader.authoring.audit.answers import Answer, GradedAnswer, Kind, find_answers, grade_answers
from grader.authoring.audit.assertions import Assertion, find_assertions
from grader.authoring.audit.faults import Catch, Report, Wrong, find_out
from grader.authoring.audit.report import show
from grader.common.errors import UserError
from grader.course.scoring import Status, Verdict, score_exercise
from grader.course.settings import load_course
from grader.grading.classroom import Result, SubmittedFolder
from grader.sandbox.layers import find_mode
from tests import golden
from tests.support.corpus import ROOT, SEED, course, mutants, solution, stub, variants, verdicts
from tests.support.warm_python import run_module

TASKS = {"first": 4, "second": 6}
FIRST, OTHER, SECOND = "03.first.a", "03.first.b", "03.second.c"
PASSED, FAILED, BLOCKED = Status.PASSED, Status.FAILED, Status.BLOCKED
NOT_ATTEMPTED, NEEDS_GPU = Status.NOT_ATTEMPTED, Status.NEEDS_GPU

MODE = find_mode()
needs_isolation = pytest.mark.skipif(not MODE.safe, reason="needs isolation")


def judged(
    kind: Kind,
    *statuses: Status,
    name: str = "x",
    fails: str = FIRST,
    problem: str = "",
    site: str = "",
) -> GradedAnswer:
    """An answer whose three checks ended so."""
    answer = Answer("03", kind, Path(name + ".py"), "", fails if kind is Kind.MUTANT else "")
    found = [
        Verdict(id_, "A title.", status, "", 1.0, True, site)
        for id_, status in zip((FIRST, OTHER, SECOND), statuses, strict=False)
    ]
    checks = score_exercise(TASKS, found) if found else []
    submission = SubmittedFolder(answer.student, "03", Path())
    return GradedAnswer(answer, Result(submission, "graded", checks, 10.0, problem))


GOOD = [
    judged(Kind.STUB, NOT_ATTEMPTED, BLOCKED, NOT_ATTEMPTED),
    judged(Kind.SOLUTION, PASSED, PASSED, PASSED),
    judged(Kind.VARIANT, PASSED, PASSED, PASSED),
    judged(Kind.MUTANT, FAILED, PASSED, PASSED, name="one"),
    judged(Kind.MUTANT, FAILED, FAILED, PASSED, name="two", fails=OTHER),
    judged(Kind.MUTANT, PASSED, PASSED, FAILED, name="three", fails=SECOND),
]


def report(*answers: GradedAnswer, complete: bool = True) -> Report:
    [found] = find_out([*GOOD, *answers], complete=complete)
    return found


def test_right_grades_have_no_faults() -> None:
    found = report()
    assert found.faults == []
    assert found.counts == {Kind.STUB: 1, Kind.SOLUTION: 1, Kind.MUTANT: 3, Kind.VARIANT: 1}
    assert found.catches == [
        Catch(FIRST, 2, 1, False),
        Catch(OTHER, 1, 0, False),
        Catch(SECOND, 1, 1, False),
    ]


MUTANT, STUB = Kind.MUTANT, Kind.STUB
FAULTS = {
    "survivor": (judged(MUTANT, PASSED, PASSED, PASSED), Wrong.SURVIVES, FIRST),
    "blocked survivor": (judged(MUTANT, BLOCKED, PASSED, PASSED), Wrong.SURVIVES, FIRST),
    "other check": (judged(MUTANT, PASSED, FAILED, PASSED), Wrong.OTHER_CHECK, OTHER),
    "ended otherwise": (judged(MUTANT, Status.TIMEOUT, PASSED, PASSED), Wrong.OTHER_CHECK, "time"),
    "unknown check": (
        judged(MUTANT, FAILED, PASSED, PASSED, fails="03.first.z"),
        Wrong.OTHER_CHECK,
        "there is no 03.first.z",
    ),
    "other task fails": (judged(MUTANT, FAILED, PASSED, FAILED), Wrong.OTHER_TASK, SECOND),
    "other task is not attempted": (
        judged(MUTANT, FAILED, PASSED, NOT_ATTEMPTED),
        Wrong.OTHER_TASK,
        "6 points of other tasks than first",
    ),
    "other task is blocked": (judged(MUTANT, FAILED, PASSED, BLOCKED), Wrong.OTHER_TASK, "blocked"),
    "solution": (judged(Kind.SOLUTION, PASSED, FAILED, PASSED), Wrong.RIGHT_FAILS, OTHER),
    "variant": (judged(Kind.VARIANT, PASSED, PASSED, Status.CRASHED), Wrong.RIGHT_FAILS, SECOND),
    "blocked variant": (judged(Kind.VARIANT, BLOCKED, PASSED, PASSED), Wrong.RIGHT_FAILS, FIRST),
    "stub passes": (judged(STUB, PASSED, BLOCKED, NOT_ATTEMPTED), Wrong.STUB_COUNTS, FIRST),
    "stub fails": (judged(STUB, NOT_ATTEMPTED, BLOCKED, FAILED), Wrong.STUB_COUNTS, SECOND),
    "not loaded": (judged(MUTANT, problem="cannot be loaded"), Wrong.UNJUDGED, "be loaded"),
    "grader error": (
        judged(Kind.VARIANT, Status.GRADER_ERROR, PASSED, PASSED),
        Wrong.UNJUDGED,
        f"{FIRST} (grader_error)",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_found_and_no_other(name: str) -> None:
    bad, wrong, details = FAULTS[name]
    [fault] = report(bad).faults
    assert (fault.wrong, fault.where) == (wrong, "x.py")
    assert details in fault.details


def test_a_check_that_no_mutant_fails() -> None:
    kept = [one for one in GOOD if one.answer.path.stem != "two"]
    [found] = find_out(kept, complete=True)
    assert [(fault.wrong, fault.where) for fault in found.faults] == [(Wrong.NEVER_FAILS, OTHER)]
    [sampled] = find_out(kept, complete=False)
    assert sampled.faults == []


def test_an_assertion_that_no_mutant_fails() -> None:
    assertions = {"03": [Assertion("t.py", 5, 7, "test_a"), Assertion("t.py", 9, 9, "test_a")]}
    seen = judged(MUTANT, FAILED, PASSED, PASSED, site="t.py:7")
    [found] = find_out([*GOOD, seen], complete=True, assertions=assertions)
    assert [(fault.wrong, fault.where) for fault in found.faults] == [
        (Wrong.UNSEEN, "t.py:9 in test_a")
    ]
    lines = list(show([found], complete=True, points=False))
    assert "  2 assertions in these checks" in lines
    assert "    t.py:9 in test_a" in lines
    [sampled] = find_out([*GOOD, seen], complete=False, assertions=assertions)
    assert sampled.faults == []


def test_a_line_that_only_a_right_answer_stops_at_counts_for_nothing() -> None:
    assertions = {"03": [Assertion("t.py", 5, 7, "test_a")]}
    stopped = judged(Kind.VARIANT, FAILED, PASSED, PASSED, site="t.py:6")
    [found] = find_out([*GOOD, stopped], complete=True, assertions=assertions)
    assert Wrong.UNSEEN in {fault.wrong for fault in found.faults}


def test_assertions_are_found_in_the_text_of_checks(small_course: Path) -> None:
    text = """
def helper(value):
    expect(
        value,
        got=value, want=1, because="")
    raise Mismatch("", "", "")

@check("mlp_head.a")
def test_a(submission):
    assert submission.raises("ValueError", "mlp_head", because="")
    raise ValueError

@check("mlp_head.b", gpu=True)
def test_b(submission):
    expect(False, got=1, want=2, because="")
"""
    visible = small_course / "exercises" / "03" / "test_head.py"
    visible.write_text(text, "utf-8")
    found = find_assertions(load_course(small_course / "course.yaml"), "03")
    assert [(a.first, a.last, a.function) for a in found if a.file == visible.name] == [
        (3, 5, "helper"),
        (6, 6, "helper"),
        (10, 10, "test_a"),
    ]
    assert {a.file for a in found} == {"test_head.py", "test_03_head.py"}


def test_a_verdict_says_at_which_line_the_check_stopped(tmp_path: Path) -> None:
    mutant = next(m for m in mutants() if (m.number, m.name) == ("03", "rate_forgotten"))
    found = verdicts(mutant, tmp_path)
    assertions = find_assertions(course(), "03")
    [seen] = [a for a in assertions if a.at_one_of({found[mutant.fails].site})]
    assert seen.function == "test_dropout_rate"
    assert {v.site for v in found.values() if v.status is PASSED} == {""}


def test_what_waits_for_a_gpu_is_no_fault() -> None:
    waiting = [
        judged(STUB, NOT_ATTEMPTED, NEEDS_GPU, NOT_ATTEMPTED),
        judged(Kind.VARIANT, PASSED, NEEDS_GPU, PASSED),
        judged(MUTANT, FAILED, NEEDS_GPU, PASSED),
        judged(MUTANT, PASSED, PASSED, FAILED, fails=SECOND),
        judged(MUTANT, PASSED, NEEDS_GPU, PASSED, fails=OTHER),
    ]
    [found] = find_out(waiting, complete=True)
    assert found.faults == []
    assert [catch.check for catch in found.catches if catch.waited] == [OTHER]
    assert "1 check waited for a GPU" in "\n".join(show([found], complete=True, points=True))


def test_the_points_that_mutants_lose() -> None:
    losses = {loss.mutant: loss for loss in report(FAULTS["other task fails"][0]).losses}
    assert (losses["one"].own, losses["one"].elsewhere) == (2, 0)
    assert (losses["two"].own, losses["two"].elsewhere) == (4, 0)
    assert (losses["x"].own, losses["x"].elsewhere) == (2, 6)


def test_the_lines_say_everything_within_80_columns() -> None:
    reports = [report(*(bad for bad, _, _ in FAULTS.values()))]
    lines = list(show(reports, complete=True, points=True))
    assert max(map(len, lines)) <= 80
    faults = reports[0].faults
    assert {fault.wrong for fault in faults} == set(Wrong) - {Wrong.NEVER_FAILS, Wrong.UNSEEN}
    assert all(any(str(fault.wrong) in line for line in lines) for fault in faults)
    assert [line for line in lines if "another task pays" in line]
    assert lines[-1] == f"{len(faults)} faults"
    table = list(show(reports, complete=True, points=False))
    assert not [line for line in table if "another task pays" in line]


def test_the_answers_are_those_of_the_corpus() -> None:
    found = find_answers(course(), ["03"], sample=None, seed=SEED)
    corpus = [stub("03"), solution("03")]
    corpus += [a for a in mutants() + variants() if a.number == "03"]
    assert [(a.exercise, a.text, a.fails) for a in found] == [
        (a.number, a.text, a.fails) for a in corpus
    ]
    assert len({a.student for a in found}) == len(found)


def test_a_sample_depends_on_the_seed_alone() -> None:
    def names(seed: str, *exercises: str) -> list[str]:
        answers = find_answers(course(), exercises, sample=3, seed=seed)
        return [str(a.path) for a in answers if a.exercise == "03"]

    assert len(names("s", "03")) == 2 + 3 + 3
    assert names("s", "03") == names("s", "02", "03")
    assert len({tuple(names(seed, "03")) for seed in "abcdefgh"}) > 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"""A mistake.\n\nFails: 03.mlp_head"""', "Fails: NN.task.check"),
        ("def mlp_head(): ...", "Fails: NN.task.check"),
        ("def mlp_head(:", "invalid syntax"),
    ],
)
def test_a_mutant_that_names_no_check_is_one_line(small_course: Path, text: str, line: str) -> None:
    (small_course / audit.MUTANTS / "03" / "blunt.py").write_text(text, "utf-8")
    with pytest.raises(UserError, match=line) as error:
        find_answers(load_course(small_course / "course.yaml"), ["03"], sample=None, seed=SEED)
    assert str(error.value).startswith("tests/mutants/03/blunt.py: ")
    assert "\n" not in str(error.value)


@pytest.fixture
def small_course(tmp_path: Path) -> Path:
    """The course with exercise 03 alone, and a mutant that makes no mistake."""
    folder = tmp_path / "course"
    shutil.copytree(ROOT / "exercises" / "03", folder / "exercises" / "03")
    (folder / "solutions").mkdir()
    for name in ("course.yaml", "solutions/head.py"):
        shutil.copyfile(ROOT / name, folder / name)
    mutant = folder / audit.MUTANTS / "03" / "harmless.py"
    mutant.parent.mkdir(parents=True)
    mutant.write_text('"""No mistake.\n\nFails: 03.mlp_head.layers\n"""\n', "utf-8")
    return folder


def grader(*arguments: str | Path, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "80"}
    return run_module("grader", "audit", *arguments, cwd=ROOT, env=environment, timeout=timeout)


@needs_isolation
@pytest.mark.proof
def test_a_sample_of_the_course_has_no_faults() -> None:
    run = grader("--exercise", "03", "--sample", "1", "--seed", SEED, "--jobs", "1", "--points")
    assert run.returncode == 0, run.stdout + run.stderr
    rows = run.stdout.splitlines()
    assert "Exercise 03: 1 stub, 1 solution, 1 mutant, 1 variant" in rows
    assert "0 faults" in rows
    assert {"stub/03: 0 of 10", "solution/03: 10 of 10"} <= set(rows)
    assert run.stderr == ""


@pytest.mark.proof
def test_a_mutant_that_survives_is_a_fault(small_course: Path) -> None:
    run = grader("--exercise", "03", "--no-sandbox", "--jobs", "1", "--course", small_course)
    assert run.returncode == 1, run.stderr
    rows = run.stdout.splitlines()
    assert rows[rows.index(f"  {Wrong.SURVIVES}: 1") + 1] == "    tests/mutants/03/harmless.py"
    assert [row for row in rows if row.startswith(f"  {Wrong.NEVER_FAILS}")]
    assert "with your permissions" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--exercise", "42"], "there is no exercise '42'"),
        (["--exercise", "03"], "tests/mutants is missing"),
    ],
)
def test_a_users_mistake_is_one_line(small_course: Path, arguments: list[str], line: str) -> None:
    shutil.rmtree(small_course / audit.MUTANTS)
    run = grader(*arguments, "--no-sandbox", "--course", small_course)
    assert run.returncode == 2
    [said] = run.stderr.splitlines()
    assert line in said
    assert run.stdout == ""


@pytest.mark.proof
@pytest.mark.parametrize("number", course().exercises)
def test_the_whole_corpus_has_no_faults_and_the_verdicts_of_a_plain_process(number: str) -> None:
    judged = grade_answers(
        course(),
        find_answers(course(), [number], sample=None, seed=SEED),
        mode=MODE if MODE.safe else None,
        jobs=1,
        seed=SEED,
        on_result=lambda _: None,
    )
    assertions = {number: find_assertions(course(), number)}
    [found] = find_out(judged, complete=True, assertions=assertions)
    assert found.faults == []
    # The golden entries were written without a sandbox; these verdicts come from one, if possible.
    entries = golden.read(number)
    results = {one.answer.path.stem: one.result for one in judged if one.answer.fails}
    for mutant in mutants():
        if mutant.number == number:
            there = {verdict.id: verdict for verdict, _ in results[mutant.name].checks}
            assert golden.entry(mutant, there) == entries[mutant.name]
