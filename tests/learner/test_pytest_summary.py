"""`pytest exercises/03` as a learner runs it, in a process and a folder of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.corpus import ROOT, mutants, solution
from tests.support.warm_python import run_module

LEARNERS = ("exercises", "grader", "course.yaml", "pyproject.toml")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """What a learner has: no solutions, no hidden checks, no tests."""
    for name in LEARNERS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    shutil.rmtree(tmp_path / "grader" / "checks")
    return tmp_path


def learn(
    folder: Path, *arguments: str, path: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run pytest with nothing of this repository importable."""
    environment = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "80", **more}
    return run_module("pytest", *arguments, cwd=folder, env=environment, timeout=120)


def test_an_untouched_stub_reads_as_not_attempted(bundle: Path) -> None:
    run = learn(bundle, "exercises/03")
    assert run.returncode == 1
    assert "Task 3.1  find_head" in run.stdout
    assert run.stdout.count("not attempted yet") == 3
    assert "Nothing is attempted yet" in run.stdout
    assert "Next: task 3.1, `find_head` in exercises/03/head.py." in run.stdout
    assert "Stuck? `grader hint 03` has a nudge, an approach and a call." in run.stdout
    assert "FAIL" not in run.stdout
    assert "pass  " not in run.stdout
    assert "Professionals" not in run.stdout
    assert run.stderr == ""


def test_the_solution_in_the_learners_file_passes(bundle: Path) -> None:
    (bundle / "exercises" / "03" / "head.py").write_text(solution("03").text, "utf-8")
    run = learn(bundle, "exercises/03")
    assert run.returncode == 0, run.stdout
    assert "10 of 10 points by the visible checks" in run.stdout
    assert "All visible checks pass" in run.stdout
    assert "Professionals often begin without training the network" in run.stdout
    assert run.stderr == ""


def test_a_failing_example_is_as_small_as_can_be(bundle: Path) -> None:
    answer = next(m for m in mutants() if (m.number, m.name) == ("04", "mean_of_batch_means"))
    (bundle / "exercises" / "04" / "train.py").write_text(answer.text, "utf-8")
    run = learn(bundle, "exercises/04", "-k", "mean_loss")
    assert "FAIL  The returned loss is the mean over all images" in run.stdout, run.stdout
    assert "example   with 3 images in batches of 2\n" in run.stdout


def test_a_part_that_passes_is_not_said_to_be_everything(bundle: Path) -> None:
    (bundle / "exercises" / "03" / "head.py").write_text(solution("03").text, "utf-8")
    run = learn(bundle, "exercises/03", "-k", "head_learns")
    assert run.returncode == 0, run.stdout
    line = "The checks that were run pass. `pytest exercises/03` runs all visible checks."
    assert line in run.stdout
    assert "Professionals" not in run.stdout


def test_it_works_from_inside_the_folder(bundle: Path) -> None:
    run = learn(bundle / "exercises" / "03")
    assert "Next: task 3.1, `find_head` in head.py." in run.stdout, run.stdout + run.stderr


def test_all_exercises_at_once(bundle: Path) -> None:
    run = learn(bundle, "exercises")
    for number in range(8):
        assert f"Exercise {number:02}" in run.stdout
    assert "FAIL" not in run.stdout
    assert run.stderr == ""


def test_a_stub_stays_red_with_the_solutions_beside_it_and_importable(bundle: Path) -> None:
    shutil.copytree(ROOT / "solutions", bundle / "solutions")
    run = learn(bundle, "exercises/03", path=str(bundle))
    assert run.returncode == 1
    assert "pass  " not in run.stdout
    assert "Nothing is attempted yet" in run.stdout


def test_a_failure_tells_call_answer_expectation_reason_place_and_next_step(bundle: Path) -> None:
    mistake = "\n\ndef find_head(model):\n    print('looking')\n    return 'fc'\n"
    text = solution("03").text + mistake
    (bundle / "exercises" / "03" / "head.py").write_text(text, "utf-8")
    line = text[: text.rindex("def find_head")].count("\n") + 1
    run = learn(bundle, "exercises/03")
    assert run.returncode == 1
    rows = [" ".join(row.split()) for row in run.stdout.splitlines()]
    assert "call find_head(<vgg11>)" in rows
    assert "returned 'fc'" in rows
    assert "expected 'classifier.6'" in rows
    assert "printed looking" in rows
    assert f"where exercises/03/head.py:{line}" in rows
    assert "Next: task 3.1, `find_head` in exercises/03/head.py." in rows
    assert "Traceback" not in run.stdout
    assert "site-packages" not in run.stdout


def test_an_exception_shows_the_learners_own_line_and_no_frames_of_torch(bundle: Path) -> None:
    mistake = "\n\ndef find_head(model):\n    return model.get_submodule('nowhere')\n"
    (bundle / "exercises" / "03" / "head.py").write_text(solution("03").text + mistake, "utf-8")
    run = learn(bundle, "exercises/03")
    shown = " ".join(run.stdout.split())
    assert "returned AttributeError: ResNet has no attribute `nowhere`" in shown
    assert "return model.get_submodule('nowhere')" in shown
    assert "site-packages" not in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def find_head(model:\n", "SyntaxError"),
        pytest.param("import torchvisionn\n", "ModuleNotFoundError", marks=pytest.mark.proof),
        pytest.param(
            "raise NotImplementedError('')\n", "NotImplementedError", marks=pytest.mark.proof
        ),
        pytest.param("import sys\nsys.exit(0)\n", "SystemExit", marks=pytest.mark.proof),
        ("x = 1\n", "defines no function named 'find_head'"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained_once(
    bundle: Path, text: str, message: str
) -> None:
    (bundle / "exercises" / "03" / "head.py").write_text(text, "utf-8")
    run = learn(bundle, "exercises/03")
    assert run.returncode == 1
    assert message in " ".join(run.stdout.split())
    assert "pass  " not in run.stdout
    assert "Traceback" not in run.stdout


def test_a_missing_file_is_explained(bundle: Path) -> None:
    (bundle / "exercises" / "03" / "head.py").unlink()
    run = learn(bundle, "exercises/03")
    assert run.returncode == 1
    assert "exercises/03/head.py is missing" in " ".join(run.stdout.split())


@pytest.mark.proof
def test_results_are_kept_and_where_they_cannot_be_nothing_breaks(bundle: Path) -> None:
    learn(bundle, "exercises/03")
    kept = json.loads((bundle / ".progress" / "03.json").read_text("utf-8"))
    assert {verdict["status"] for verdict in kept["verdicts"]} <= {"not_attempted", "blocked"}
    shutil.rmtree(bundle / ".progress")
    (bundle / ".progress").write_text("a file where the folder belongs")
    run = learn(bundle, "exercises/03", PYTHONIOENCODING="ascii")
    assert run.returncode == 1
    assert "Exercise 03 - A new classifier" in run.stdout, "plain ASCII where there is no more"
    assert "Nothing is attempted yet" in run.stdout
    assert run.stdout.isascii()
    assert run.stderr == ""


def test_files_named_like_libraries_shadow_nothing(bundle: Path) -> None:
    run = learn(bundle, "exercises/00", "exercises/04", "exercises/05")
    assert run.stdout.count("Nothing is attempted yet") == 3, run.stdout


def test_a_broken_course_is_one_line(bundle: Path) -> None:
    (bundle / "course.yaml").write_text("title: 3\n", "utf-8")
    run = learn(bundle, "exercises/03")
    assert run.returncode == 4
    assert run.stderr.strip().startswith("ERROR: course.yaml, line 1: ")
