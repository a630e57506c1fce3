"""`grader doctor` finds what keeps a learner from working, and has one remedy for each fault."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from grader.cli import main
from grader.course.settings import Course, load_course
from grader.learner.doctor import examine as doctor
from grader.learner.doctor import probe as doctor_probe
from grader.learner.doctor.examine import Finding, Severity, examine
from grader.learner.kept_results import FOLDER
from tests.support.corpus import ROOT

FINE = [
    {"module": "torch", "problem": ""},
    {"module": "torchvision", "problem": ""},
    {"gpu": ""},
    {"file": "data", "text": "drawn by the kit", "remedy": ""},
]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copy(ROOT / "course.yaml", tmp_path)
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    return load_course(tmp_path / "course.yaml")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the probe says; tests change it. Two packages are enough."""
    said = list(FINE)
    monkeypatch.setattr(doctor, "_probe", lambda course, modules: iter(said))
    wanted = [Requirement("torch>=2.0"), Requirement("torchvision>=0.1")]
    monkeypatch.setattr(doctor, "requirements", lambda: wanted)
    return said


def faults(course: Course) -> list[Finding]:
    found = [finding for finding in examine(course.root) if finding.severity is Severity.FAULT]
    for finding in found:
        assert finding.remedy, finding
        assert "\n" not in finding.remedy
    return found


def one_fault(course: Course) -> Finding:
    [finding] = faults(course)
    return finding


def test_where_all_is_well_nothing_needs_a_remedy(course: Course, answers: list[Any]) -> None:
    assert faults(course) == []
    abouts = {finding.about for finding in examine(course.root)}
    assert abouts >= {"Python", "commands", "packages", "GPU", "data", "exercises", "results"}


def test_an_old_python_is_a_fault(
    course: Course, answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert one_fault(course).about == "Python"
    assert "3.11" in one_fault(course).remedy


def test_the_minima_are_those_of_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted = {requirement.name: str(requirement.specifier) for requirement in doctor.requirements()}
    assert wanted["torch"]
    for name, minimum in wanted.items():
        assert f'"{name}{minimum}' in text


def test_a_package_that_is_too_old_or_missing_is_named_with_the_command_to_get_it(
    course: Course, answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [Requirement("torch>=99"), Requirement("no-such-package>=1")]
    monkeypatch.setattr(doctor, "requirements", lambda: wanted)
    old, missing = faults(course)
    assert old.about == "torch"
    assert old.remedy == 'python -m pip install "torch>=99"'
    assert "is installed, >=99 is needed" in old.text
    assert missing.remedy == 'python -m pip install "no-such-package>=1"'


def test_a_package_that_cannot_be_imported_is_a_fault(course: Course, answers: list[Any]) -> None:
    answers[:] = [{"module": "torch", "problem": "OSError: libtorch.so"}, FINE[1]]
    assert one_fault(course).about == "torch"
    assert "libtorch.so" in one_fault(course).text


def test_a_package_that_ends_python_is_found(course: Course, answers: list[Any]) -> None:
    answers[:] = FINE[:1]
    assert one_fault(course).about == "torchvision"


def test_a_file_that_is_missing_has_its_remedy(course: Course, answers: list[Any]) -> None:
    answers.append({"file": "weights", "text": "x.pth is missing", "remedy": "`grader prepare`"})
    assert one_fault(course).about == "weights"


def test_a_gpu_that_torch_cannot_use_is_a_note_with_a_remedy(
    course: Course, answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "glob", lambda *_: iter([Path("/dev/nvidia0")]))
    note = doctor._gpu("")
    assert note.severity is Severity.NOTE
    assert "CUDA" in note.remedy
    assert doctor._gpu("H100").severity is Severity.OK


def test_a_missing_exercise_is_put_back_by_reset(course: Course, answers: list[Any]) -> None:
    (course.root / "exercises" / "03" / "head.py").unlink()
    assert one_fault(course).remedy == "grader reset 03"


def test_files_that_cannot_be_written_are_a_fault(
    course: Course, answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: "05" not in str(path))
    assert "05 cannot be written to" in one_fault(course).text


def test_a_folder_that_takes_no_results_is_a_fault(course: Course, answers: list[Any]) -> None:
    (course.root / FOLDER).write_text("a file where the folder belongs")
    assert one_fault(course).about == "results"


def test_a_broken_course_is_told_with_its_line(course: Course, answers: list[Any]) -> None:
    (course.root / "course.yaml").write_text("title: 3\n", "utf-8")
    assert "line 1" in one_fault(course).text


def test_every_line_fits_the_terminal() -> None:
    finding = Finding("a", Severity.FAULT, "word " * 60, "remedy " * 40)
    assert max(map(len, finding.lines())) <= 80


def test_the_command_ends_in_one_when_something_needs_its_remedy(
    course: Course,
    answers: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["grader", "doctor", "--course", str(course.root)])
    for code in (0, 1):
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == code
        out = capsys.readouterr().out
        assert "Isolation of submissions" in out
        shown = out.replace(str(course.root), "").replace(sys.prefix, "")
        assert max(map(len, shown.splitlines())) <= 80
        (course.root / "exercises" / "03" / "head.py").unlink(missing_ok=True)


def probe(folder: Path, *modules: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "grader.learner.doctor.probe", str(folder), *modules]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_the_probe_imports_for_real_and_goes_on_after_a_failure(course: Course) -> None:
    found = probe(course.root, "no_such_module", "torch", "torchvision")
    assert found[0]["problem"].startswith("ModuleNotFoundError")
    assert found[1] == FINE[0]
    assert {answer["file"] for answer in found if "file" in answer} == {"data", "weights"}
    assert not any(answer["remedy"] for answer in found if "file" in answer)


def test_images_that_are_not_there_are_found_with_their_remedy(course: Course) -> None:
    path = course.root / "course.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("data: {source: embedded", "data: {source: fashion-mnist"), "utf-8"
    )
    found = list(doctor_probe._files(course.root))
    missing = [(about, remedy) for about, _, remedy in found if about == "data"]
    assert len(missing) == 4
    assert all("grader prepare" in remedy for _, remedy in missing)
