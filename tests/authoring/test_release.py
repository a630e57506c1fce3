"""A release holds what learners need, nothing secret, and touches only what changed."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import nbformat
import pytest
from nbclient import NotebookClient

from grader.authoring.release.assignment import assignment_files
from grader.authoring.release.bundles import zipped
from grader.authoring.release.exercise import course_text, hints_text, lesson_text
from grader.authoring.release.package import ROOMS
from grader.authoring.release.tree import BACKUPS, RECORD, ReleaseTree
from grader.cli import main
from grader.course.settings import Course, load_course
from grader.course.stub_text import stub_text
from grader.grading.seeds import new_secret
from grader.jupyter import check
from grader.learner.notebook_check import latest_cells
from tests.support.canary import ANSWERS, HIDDEN, SECRET, Planted, find_marks, plant
from tests.support.corpus import ROOT, course, solution
from tests.support.warm_python import run_module
from tests.test_rooms import imports

NOON = datetime(2026, 1, 2, 12, 0, 0)
# Imported only where the room is there.
OPTIONAL = {"grader.cli.grading", "grader.sandbox.layers"}
LIBRARIES = sysconfig.get_path("purelib")
PROGRAMS = Path(sys.executable).parent


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program; nbgrader itself starts one that it looks for in PATH."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    settings = {**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "80", **environment}
    return subprocess.run(
        command, cwd=cwd, env=settings, capture_output=True, text=True, timeout=300
    )


def alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with libraries, and without this repository, which is installed beside them.

    Without `site`, Python does not read the files that make an editable installation importable.
    """
    return run(sys.executable, "-S", *arguments, cwd=folder, PYTHONPATH=LIBRARIES)


def release(kit: Path, out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`grader release` of a copied kit."""
    environment = {**os.environ, "PYTHONPATH": str(kit), "NO_COLOR": "1", "COLUMNS": "80"}
    return run_module("grader", "release", "--out", out, *arguments, cwd=kit, env=environment)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A copy of the kit with marks in it, and an instructor's own attempts in `exercises`."""
    found = plant(tmp_path_factory.mktemp("kit"), ROOT)
    answer = (found.root / "solutions" / "head.py").read_text("utf-8")
    for name in ("head.py", "head.py.bak", "my_head.py"):
        (found.root / "exercises" / "03" / name).write_text(answer, "utf-8")
    (found.root / "exercises" / "03" / "attempt.ipynb").write_text(answer, "utf-8")
    new_secret(load_course(found.root / "course.yaml"))
    return found


@pytest.fixture(scope="module")
def released(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that a copied kit releases."""
    out = tmp_path_factory.mktemp("released")
    done = release(planted.root, out)
    assert (done.returncode, done.stderr) == (0, "")
    return out


# ------------------------------------------------------------------------------------- secrecy


@pytest.fixture(scope="module")
def found(planted: Planted, released: Path) -> dict[str, list[str]]:
    """Where marks and the course's secret are in what was released."""
    secret = (planted.root / SECRET).read_text().strip()
    marks = find_marks([HIDDEN, ANSWERS, secret], released)
    return {"secret": marks.pop(secret), **marks}


def test_no_hidden_check_label_or_secret_is_in_anything_released(
    planted: Planted, found: dict[str, list[str]]
) -> None:
    assert planted.hidden > 200  # else nothing was hidden, and finding nothing proves nothing
    assert found[HIDDEN] == []
    assert found["secret"] == []


def test_no_solution_is_in_anything_but_the_bundle_of_solutions(
    planted: Planted, released: Path, found: dict[str, list[str]]
) -> None:
    assert planted.answers >= 27
    places = {line.partition(" > ")[0] for line in found[ANSWERS]}
    names = {Path(place).relative_to(released).as_posix() for place in places}
    modules = {exercise.file_name for exercise in course().exercises.values()}
    expected = {f"bundles/solutions/solutions/{name}" for name in modules}
    assert names == {*expected, "bundles/solutions.zip"}


def test_the_package_for_learners_answers_no_task_in_code_or_in_a_text(released: Path) -> None:
    tasks = "|".join(task for e in course().exercises.values() for task in e.tasks)
    for path in (released / "bundles" / "learner" / "grader").rglob("*.py"):
        text = path.read_text("utf-8")
        assert not re.search(rf"^def ({tasks})\(", text, re.MULTILINE), path


def test_the_package_for_learners_is_a_list_of_rooms_that_import_nothing_else(
    released: Path,
) -> None:
    package = released / "bundles" / "learner" / "grader"
    assert {path.name for path in package.iterdir()} == {Path(name).parts[0] for name in ROOMS}
    for path in package.rglob("*.py"):
        for name in imports(path):
            if name.startswith("grader.") and not (path.match("cli/kit.py") and name in OPTIONAL):
                place = released / "bundles" / "learner" / name.replace(".", "/")
                assert place.is_dir() or place.with_suffix(".py").is_file(), (path, name)


# ------------------------------------------------------------------------------------ notebooks


@pytest.mark.parametrize("number", course().exercises)
def test_a_notebook_is_lesson_stub_visible_checks_and_a_locked_cell_for_each_task(
    number: str,
) -> None:
    exercise = course().exercise(number)
    content = assignment_files(course(), number)[f"{exercise.module}.ipynb"]
    notebook = nbformat.reads(content.decode(), 4)
    nbformat.validate(notebook)
    marks = [cell.metadata.nbgrader for cell in notebook.cells]
    tests = [f"test_{task}" for task in exercise.tasks]
    assert [m.grade_id for m in marks] == ["lesson", "solution", "visible_checks", *tests]
    assert [m.get("points") for m in marks[3:]] == list(exercise.tasks.values())
    assert {m.schema_version for m in marks} == {3}
    assert [m.solution for m in marks] == [m.grade_id == "solution" for m in marks]
    assert [m.locked for m in marks] == [m.grade_id != "solution" for m in marks]
    for task in exercise.tasks:
        assert f"def {task}(" in notebook.cells[1].source
    stub = stub_text(course(), number).split('"""', 2)[2]
    assert notebook.cells[1].source.endswith(stub.rstrip("\n"))


@pytest.mark.parametrize("number", course().exercises)
def test_all_that_a_notebooks_lesson_points_to_lies_beside_it(number: str) -> None:
    files = assignment_files(course(), number)
    exercise = course().exercise(number)
    lesson = nbformat.reads(files[f"{exercise.module}.ipynb"].decode(), 4).cells[0].source
    links = re.findall(r"\]\(([^)]+)\)", lesson)
    assert {link for link in links if "://" not in link} <= files.keys()
    assert "pytest exercises" not in lesson
    assert exercise.file_name not in lesson


def test_a_test_cell_frightens_no_learner_and_earns_nothing_by_plain_nbgrader(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = nbformat.reads(assignment_files(course(), "03")["head.ipynb"].decode(), 4)
    text = notebook.cells[3].source
    for execution in (None, "validate"):
        monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
        if execution:
            monkeypatch.setenv("NBGRADER_EXECUTION", execution)
        exec(text, {})
        assert capsys.readouterr().out == "Task 3.1 is graded after you have handed in.\n"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(RuntimeError, match=r"nbgrader_config\.py"):
        exec(text, {})


@pytest.mark.proof
def test_nbgrader_generates_the_assignment_with_the_stub_in_it(
    released: Path, tmp_path: Path
) -> None:
    shutil.copytree(released / "source" / "03", tmp_path / "source" / "03")
    done = run("nbgrader", "generate_assignment", "03", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    assert "Traceback" not in done.stderr
    notebook = nbformat.read(tmp_path / "release" / "03" / "head.ipynb", 4)
    source = nbformat.read(tmp_path / "source" / "03" / "head.ipynb", 4)
    stub = stub_text(course(), "03").split('"""', 2)[2]
    assert notebook.cells[1].source.endswith(stub.rstrip("\n"))
    compile(notebook.cells[1].source, "cell", "exec")
    assert [c.source for c in notebook.cells[2:]] == [c.source for c in source.cells[2:]]
    assert (tmp_path / "release" / "03" / "exercises" / "03" / "test_head.py").is_file()
    assert find_marks([HIDDEN, ANSWERS], tmp_path) == {HIDDEN: [], ANSWERS: []}


def test_each_function_is_checked_as_the_cell_has_it_that_defined_it_last() -> None:
    first, second = "def f():\n    return 1\n\n\ndef g():\n    return 1", "def g():\n    return 2"
    broken, other = "def f(:\n", "import torch\nf"
    assert latest_cells(["", first, other], ["f", "g"]) == first
    assert latest_cells(["", first, second, broken], ["f", "g"]) == f"{first}\n\n{second}"
    assert latest_cells([second, first], ["f", "g"]) == first
    assert latest_cells(["", other, broken], ["f", "g"]) == ""


def test_outside_of_a_notebook_the_check_says_what_to_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    check("03")
    assert "elsewhere run `pytest exercises/03`" in capsys.readouterr().out


# -------------------------------------------------------------------------- the learner's bundle


@pytest.fixture
def unzipped(released: Path, tmp_path: Path) -> Path:
    """The learner's bundle, alone in a folder."""
    with ZipFile(released / "bundles" / "learner.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path


def test_the_bundle_works_by_itself(unzipped: Path) -> None:
    where = alone(unzipped, "-c", "import grader; print(grader.__file__)")
    assert where.stdout.strip() == str(unzipped / "grader" / "__init__.py")
    done = alone(unzipped, "-m", "pytest", "exercises/03")
    assert "Nothing is attempted yet" in done.stdout, done.stdout + done.stderr
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.proof
@pytest.mark.parametrize("number", course().exercises)
def test_a_solution_passes_in_the_bundle(unzipped: Path, number: str) -> None:
    file_name = course().exercise(number).file_name
    (unzipped / "exercises" / number / file_name).write_text(solution(number).text, "utf-8")
    done = alone(unzipped, "-m", "pytest", f"exercises/{number}", "-m", "not gpu")
    assert "10 of 10 points by the visible checks" in done.stdout, done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_a_learner_has_the_learners_commands(unzipped: Path) -> None:
    shown = alone(unzipped, "-m", "grader", "--help")
    commands = re.findall(r"^│ (\w+) ", shown.stdout, flags=re.MULTILINE)
    assert {"hint", "reset", "watch", "compare", "prepare", "doctor"} <= set(commands)
    assert not {"grade", "release", "audit", "demo", "secret", "collect"} & set(commands)
    hint = alone(unzipped, "-m", "grader", "hint", "03", "find_head")
    assert "Nudge" in hint.stdout, hint.stderr
    stub = unzipped / "exercises" / "03" / "head.py"
    before = stub.read_bytes()
    stub.write_text("my = 'work'\n")
    done = alone(unzipped, "-m", "grader", "reset", "03")
    assert (done.returncode, stub.read_bytes()) == (0, before), done.stderr


def test_the_zip_holds_what_the_folder_holds_and_always_the_same_bytes(released: Path) -> None:
    for name in ("learner", "solutions"):
        folder = released / "bundles" / name
        files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
        with ZipFile(released / "bundles" / f"{name}.zip") as archive:
            assert archive.namelist() == sorted(files)
            assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert all(archive.read(n) == files[n].read_bytes() for n in files)
    some = {"b": b"1" * 1000, "a": b"2"}
    assert zipped(some) == zipped(dict(reversed(some.items())))


def test_the_bundles_pytest_has_the_settings_of_the_course(released: Path) -> None:
    files = (ROOT / "pyproject.toml", released / "bundles" / "learner" / "pyproject.toml")
    kit, bundle = (tomllib.loads(path.read_text("utf-8")) for path in files)
    settings = kit["tool"]["pytest"]["ini_options"]
    settings["markers"] = [m for m in settings["markers"] if not m.startswith("proof")]
    assert bundle["tool"]["pytest"]["ini_options"] == settings
    names = [
        {re.split(r"[<>=;~! ]", line)[0] for line in each["project"]["dependencies"]}
        for each in (kit, bundle)
    ]
    assert names[0] == names[1]
    assert bundle["project"]["requires-python"] == kit["project"]["requires-python"]


def test_an_instructors_own_attempts_are_not_released(released: Path) -> None:
    folder = released / "bundles" / "learner" / "exercises" / "03"
    assert {p.name for p in folder.iterdir()} == {
        "README.md",
        "head.py",
        "hints.md",
        "test_head.py",
    }
    assert (folder / "head.py").read_text("utf-8") == stub_text(course(), "03")


def test_the_released_course_is_the_course(released: Path) -> None:
    found = load_course(released / "bundles" / "learner" / "course.yaml")
    assert found.model_dump(exclude={"root"}) == course().model_dump(exclude={"root"})
    beside_notebook = load_course(released / "source" / "03" / "course.yaml")
    assert list(beside_notebook.exercises) == ["03"]
    assert beside_notebook.visible_checks("03").is_file()


# ------------------------------------------------------------------------------------------ hints


def with_hints(tier: str) -> Course:
    settings = {**course().model_dump(), "release": {"hints": tier}}
    return Course.model_validate(settings)


@pytest.mark.parametrize("number", course().exercises)
def test_hints_go_up_to_the_tier_that_the_course_allows(number: str) -> None:
    tasks = len(course().exercise(number).tasks)
    for tier, counts in {"nudge": (1, 0, 0), "approach": (1, 1, 0), "call": (1, 1, 1)}.items():
        text = hints_text(with_hints(tier), number)
        found = tuple(text.count(f"\n### {name}\n") for name in ("Nudge", "Approach", "Call"))
        assert found == tuple(tasks * count for count in counts)
        assert text.count("\n## Task ") == tasks
        assert text.count("```") % 2 == 0
    assert hints_text(with_hints("call"), number).split() == (
        (ROOT / "exercises" / number / "hints.md").read_text("utf-8").split()
    )
    assert "approach" not in lesson_text(with_hints("nudge"), number).partition("Stuck?")[2][:200]
    assert load_course_text(course_text(with_hints("nudge"), [number]))["release"]["hints"] == (
        "nudge"
    )


def load_course_text(text: str) -> dict[str, Any]:
    import yaml

    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


# --------------------------------------------------------------------------- only what changed


@pytest.fixture
def tree(tmp_path: Path) -> ReleaseTree:
    return ReleaseTree(tmp_path, lambda: NOON)


def state(root: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of every file."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(p.relative_to(root)): (p.stat().st_mtime_ns, p.read_bytes()) for p in files}


def test_releasing_again_touches_nothing(planted: Planted, released: Path) -> None:
    before = state(released)
    done = release(planted.root, released)
    assert "written" not in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    assert state(released) == before


def test_a_changed_file_is_written_and_no_other(tree: ReleaseTree, tmp_path: Path) -> None:
    tree.write({"source/a": b"1", "source/b": b"1"}, within=["source"])
    before = state(tmp_path)
    again = ReleaseTree(tmp_path, lambda: NOON)
    changes = again.write({"source/a": b"2", "source/b": b"1"}, within=["source"])
    assert [(c.name, c.done, c.backup) for c in changes] == [
        ("source/a", "written", None),
        ("source/b", "unchanged", None),
    ]
    assert state(tmp_path)["source/b"] == before["source/b"]


def test_an_edited_file_is_kept_outside_of_all_that_is_released(
    tree: ReleaseTree, tmp_path: Path
) -> None:
    tree.write({"source/03/a": b"1"}, within=["source/03"])
    (tmp_path / "source" / "03" / "a").write_bytes(b"edited")
    for content in (b"2", b"3"):
        [change] = tree.write({"source/03/a": content}, within=["source/03"])
        assert (tmp_path / "source" / "03" / "a").read_bytes() == content
        (tmp_path / "source" / "03" / "a").write_bytes(b"edited again")
    assert change.backup
    kept = {p.read_bytes() for p in (tmp_path / BACKUPS).rglob("*") if p.is_file()}
    assert kept == {b"edited", b"edited again"}


def test_a_file_that_was_there_before_is_kept_too(tree: ReleaseTree, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_bytes(b"by hand")
    (tmp_path / RECORD).write_text("[damaged")
    [change] = ReleaseTree(tmp_path).write({"source/a": b"1"}, within=["source"])
    assert change.backup
    assert change.backup.read_bytes() == b"by hand"


def test_only_what_a_release_wrote_is_removed_and_only_where_it_was_asked(
    tree: ReleaseTree, tmp_path: Path
) -> None:
    tree.write({"source/03/a": b"1", "source/03/x/b": b"1"}, within=["source/03"])
    tree.write({"source/030/a": b"1", "source/04/a": b"1"}, within=["source"])
    tree.write({"source/03/a": b"1", "source/03/x/b": b"1"}, within=["source/03"])
    (tmp_path / "source" / "03" / "mine").write_bytes(b"by hand")
    (tmp_path / "source" / "03" / "a").write_bytes(b"edited")
    changes = tree.write({}, within=["source/03"])
    assert [c.done for c in changes] == ["removed", "removed"]
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    kept = f"{BACKUPS}/{NOON:%Y-%m-%d %H.%M.%S}/source/03/a"
    assert left == {"source/03/mine", "source/030/a", "source/04/a", RECORD, kept}
    assert not (tmp_path / "source" / "03" / "x").exists()


def test_a_record_cannot_make_a_release_remove_files_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "mine").write_bytes(b"1")
    record = {"source/../../mine": "0", str(tmp_path / "mine"): "0"}
    (tmp_path / "out" / RECORD).write_text(json.dumps(record))
    ReleaseTree(tmp_path / "out").write({}, within=["source", str(tmp_path)])
    assert (tmp_path / "mine").read_bytes() == b"1"


@pytest.mark.proof
def test_one_exercise_alone_leaves_the_others_in_source_and_is_alone_in_the_bundle(
    planted: Planted, tmp_path: Path
) -> None:
    for numbers in (["02", "03"], ["03"]):
        options = [word for number in numbers for word in ("--exercise", number)]
        done = release(planted.root, tmp_path, *options)
        assert (done.returncode, done.stderr) == (0, "")
    assert {p.name for p in (tmp_path / "source").iterdir()} == {"02", "03"}
    bundle = tmp_path / "bundles" / "learner" / "exercises"
    assert {p.name for p in bundle.iterdir()} == {"03", "conftest.py", ".stubs"}
    with ZipFile(tmp_path / "bundles" / "solutions.zip") as archive:
        names = archive.namelist()
    assert names == ["solutions/README.md", "solutions/__init__.py", "solutions/head.py"]


@pytest.mark.parametrize(
    ("broken", "arguments", "line"),
    [
        ("", ["--exercise", "33"], "there is no exercise '33'"),
        ("solutions/head.py", [], "no stub can be made from solutions/head.py: No such file"),
        ("exercises/03/hints.md", [], "hints.md cannot be released"),
        ("exercises/conftest.py", [], "conftest.py cannot be released"),
    ],
)
def test_what_is_missing_is_one_line_and_nothing_is_written(
    tmp_path: Path,
    broken: str,
    arguments: list[str],
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kit, out = tmp_path / "kit", tmp_path / "out"
    kit.mkdir()
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name, kit / name)
    shutil.copy(ROOT / "course.yaml", kit)
    if broken:
        (kit / broken).unlink()
    monkeypatch.setattr(
        sys, "argv", ["grader", "release", "--course", str(kit), "--out", str(out), *arguments]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert line in said.err
    assert said.err.count("\n") == 1
    assert not out.exists()


# ------------------------------------------------------------------------------ long: real programs


def execute(path: Path, *cells: str) -> Iterator[str]:
    """What each cell of a notebook prints when its code cells are these, and its own after them."""
    notebook = nbformat.read(path, 4)
    texts = [*cells, *(cell.source for cell in notebook.cells[2:])]
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in texts]
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        yield "".join(output.text for output in cell.outputs)


@pytest.mark.proof
def test_visible_checks_run_in_the_learners_kernel(released: Path) -> None:
    path = released / "source" / "03" / "head.ipynb"
    stub = nbformat.read(path, 4).cells[1].source
    answer = solution("03").text
    mistake = "def find_head(model):\n    return NAME"
    _, _, untouched, *later = execute(path, stub, "import torch")
    assert "Nothing is attempted yet" in untouched
    assert all("graded after you have handed in" in text for text in later)
    _, solved, *_ = execute(path, answer)
    assert "10 of 10 points by the visible checks" in solved
    # What a cell needs from others it finds; of two definitions the later one counts.
    *_, failed, _, _, _ = execute(path, "NAME = 'fc'", answer, mistake)
    shown = " ".join(failed.split())
    assert "returned 'fc' expected 'classifier.6'" in shown
    assert re.search(r"where your cell:\d+", shown)
    assert "in your cell." in shown
    assert "Traceback" not in failed
    *_, empty, _, _, _ = execute(path, "x = 1")
    assert "Run your cell first" in empty


@pytest.mark.proof
@pytest.mark.parametrize("number", course().exercises)
def test_every_solution_passes_in_a_kernel(released: Path, number: str) -> None:
    path = released / "source" / number / f"{course().exercise(number).module}.ipynb"
    _, solved, *_ = execute(path, solution(number).text)
    assert " failed" not in solved
    assert "10 of 10 points" in solved or "open" in solved, solved


@pytest.mark.proof
@pytest.mark.parametrize("number", course().exercises)
def test_nbgrader_generates_and_validates_it_and_gives_nothing_away(
    released: Path, tmp_path: Path, number: str
) -> None:
    shutil.copytree(released / "source" / number, tmp_path / "source" / number)
    notebook = f"{number}/{course().exercise(number).module}.ipynb"
    done = run("nbgrader", "validate", f"source/{notebook}", cwd=tmp_path)
    assert "Success! Your notebook passes all the tests." in done.stdout, done.stderr
    done = run("nbgrader", "generate_assignment", number, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    assert find_marks([HIDDEN, ANSWERS], tmp_path) == {HIDDEN: [], ANSWERS: []}
    done = run("nbgrader", "validate", f"release/{notebook}", cwd=tmp_path)
    assert "Success! Your notebook passes all the tests." in done.stdout, done.stderr


@pytest.mark.proof
def test_without_the_kits_configuration_nbgrader_gives_no_points(
    released: Path, tmp_path: Path
) -> None:
    shutil.copytree(released / "source" / "03", tmp_path / "source" / "03")
    run("nbgrader", "generate_assignment", "03", cwd=tmp_path)
    shutil.copytree(tmp_path / "release" / "03", tmp_path / "submitted" / "ada" / "03")
    path = tmp_path / "submitted" / "ada" / "03" / "head.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[1].source = solution("03").text
    nbformat.write(notebook, path)
    done = run("nbgrader", "autograde", "03", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    run("nbgrader", "export", cwd=tmp_path)
    [row] = csv.DictReader((tmp_path / "grades.csv").read_text("utf-8").splitlines())
    assert (row["student_id"], float(row["score"]), float(row["max_score"])) == ("ada", 0.0, 10.0)


@pytest.mark.proof
def test_the_bundle_of_solutions_serves_compare(released: Path, unzipped: Path) -> None:
    with ZipFile(released / "bundles" / "solutions.zip") as archive:
        archive.extractall(unzipped)
    answer = unzipped / "solutions" / "head.py"
    shutil.copy(answer, unzipped / "exercises" / "03" / "head.py")
    done = alone(unzipped, "-m", "grader", "compare", "03")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "reference" in done.stdout
