"""A fresh course folder for nbgrader, and its real command line."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from nbgrader.api import Gradebook

from grader.authoring.release.assignment import assignment_files
from grader.authoring.release.course import SOURCE
from grader.course.settings import load_course
from grader.grading.handed_in.cells import SOLUTION
from grader.sandbox.layers import find_mode
from tests.support.corpus import ROOT
from tests.support.warm_python import run_module

Notebook = dict[str, Any]
LIMITS = {"cpu_seconds": 5, "memory_mib": 1024, "scratch_mib": 8, "scratch_files": 50}
BIN = Path(sys.executable).parent
UNSAFE = () if find_mode().safe else ("--ClassExporter.no_sandbox=True",)


class NbgraderCourse:
    """A course folder with one released assignment.

    Args:
        root: an empty folder, or one that contains a copy of the kit.
        number: the exercise's number.
        kit: the folder of the kit to use.
    """

    def __init__(self, root: Path, number: str = "03", kit: Path = ROOT) -> None:
        self.root = root
        self.number = number
        self.kit = kit
        content = yaml.safe_load((ROOT / "course.yaml").read_text("utf-8"))
        for exercise in content["exercises"].values():
            exercise["limits"] = LIMITS
        (root / "course.yaml").write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
        if kit != root:
            for name in ("exercises", "solutions"):
                (root / name).symlink_to(kit / name)
            shutil.copy(kit / "nbgrader_config.py", root)
        self.course = load_course(root / "course.yaml")
        self.url = f"sqlite:///{root / 'gradebook.db'}"

    def release(self) -> None:
        """Make nbgrader's source, and let nbgrader generate the release from it."""
        for name, content in assignment_files(self.course, self.number).items():
            path = self.root / SOURCE / self.number / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.nbgrader("generate_assignment", self.number)

    @property
    def notebook_name(self) -> str:
        return self.course.exercise(self.number).notebook_name

    def folder(self, student: str) -> Path:
        path = self.root / "submitted" / student / self.number
        path.mkdir(parents=True, exist_ok=True)
        return path

    def answered(self, answer: str) -> Notebook:
        """The released notebook with an answer in its solution cell."""
        path = self.root / "release" / self.number / self.notebook_name
        notebook: Notebook = json.loads(path.read_text("utf-8"))
        cell_of(notebook, SOLUTION)["source"] = answer
        return notebook

    def hand_in(
        self, student: str, notebook: Notebook | str, timestamp: str | bytes | None = None
    ) -> None:
        text = notebook if isinstance(notebook, str) else json.dumps(notebook)
        folder = self.folder(student)
        (folder / self.notebook_name).write_text(text, "utf-8")
        if timestamp is not None:
            data = timestamp.encode() if isinstance(timestamp, str) else timestamp
            (folder / "timestamp.txt").write_bytes(data)

    def nbgrader(self, *arguments: str, code: int = 0) -> str:
        """Run nbgrader in the course's folder, and return what it printed."""
        return self._module("nbgrader", arguments, code)

    def autograde(self, *arguments: str, code: int = 0, jobs: int = 1) -> str:
        """Run `nbgrader autograde`, by default with one worker, because starting one takes long."""
        options = (f"--ClassExporter.jobs={jobs}", *UNSAFE, *arguments)
        return self.nbgrader("autograde", self.number, *options, code=code)

    def grader(self, *arguments: str | Path, code: int = 0) -> str:
        """Run the kit's command line in the course's folder."""
        return self._module("grader", arguments, code)

    def python(self, script: Path) -> str:
        """Run a script in the course's folder."""
        command = [sys.executable, str(script)]
        return subprocess.check_output(command, cwd=self.root, env=self._environment(), text=True)

    def _module(self, module: str, arguments: Sequence[str | Path], code: int) -> str:
        environment = self._environment()
        run = run_module(module, *arguments, cwd=self.root, env=environment, timeout=1500)
        printed = run.stdout + run.stderr
        assert run.returncode == code, printed
        return printed

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),  # nbgrader starts alembic
            "PYTHONPATH": str(self.kit),
            "NO_COLOR": "1",
            "COLUMNS": "200",
        }

    def ask(self, question: Callable[[Any], Any]) -> Any:
        """Ask the gradebook a question, and return the answer."""
        with Gradebook(self.url) as gradebook:
            return question(gradebook)

    def scores(self) -> dict[str, float]:
        """Each student's points without penalties."""
        return self.ask(
            lambda book: {s.student.id: s.score for s in book.assignment_submissions(self.number)}
        )

    def tests_of(self, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
        """For each test cell: automatic score, manual score, whether it needs manual grading."""
        module = self.course.exercise(self.number).module

        def read(book: Gradebook) -> Any:
            found = book.find_submission_notebook(module, self.number, student)
            return {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in found.grades
            }

        return self.ask(read)

    def autograded(self, student: str) -> Notebook:
        path = self.root / "autograded" / student / self.number / self.notebook_name
        return json.loads(path.read_text("utf-8"))

    def feedback(self, student: str) -> str:
        path = self.root / "feedback" / student / self.number / self.notebook_name
        return path.with_suffix(".html").read_text("utf-8")

    def exported(self) -> dict[str, dict[str, str]]:
        """The rows of the exported CSV, by student."""
        self.nbgrader("export")
        with (self.root / "grades.csv").open(newline="") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}


def cell_of(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """The cell with a grade_id."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def marks(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """The nbgrader metadata of a cell, for tests that forge it."""
    found: dict[str, Any] = cell_of(notebook, grade_id)["metadata"]["nbgrader"]
    return found
