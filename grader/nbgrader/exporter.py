"""Reads submissions for `nbgrader autograde`, after grading the whole class in parallel.

nbgrader creates one exporter for each run, and reads every notebook through it, one student after
another. This exporter grades all due submissions when it is created, with a journal in the course's
folder `graded`. nbgrader's loop then only looks up the results.
"""

import re
from functools import cached_property
from glob import glob
from pathlib import Path
from typing import Any, Final

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets import Bool, Integer, Unicode

from grader.common.errors import KitError, UserError
from grader.common.terminal import printable
from grader.course.settings import Course, find_course
from grader.grading.classroom import Result, SubmittedFolder
from grader.grading.grade_class import GradingOptions, cores, grade_class
from grader.grading.handed_in.notebook import Cell, read_cells
from grader.grading.handed_in.read import LARGEST_NOTEBOOK, read_file, read_submission
from grader.nbgrader.rebuild import KnownCell, known_cells, rebuild
from grader.nbgrader.scores import expect_same_points
from grader.nbgrader.times import read_time
from grader.sandbox.layers import find_mode

RESULT: Final = "grader_result"  # the key of the result in the resources, for the preprocessors
NO_ISOLATION: Final = (
    "this system offers no isolation for submissions (see `grader doctor`); install bubblewrap on "
    "Linux, or pass --ClassExporter.no_sandbox=True for code that you trust"
)


class ClassExporter(NotebookExporter):
    """Grades the class, then returns each notebook with the cells that the gradebook expects."""

    course_folder = Unicode("", help="The folder of course.yaml, or one below it.").tag(config=True)
    out = Unicode("graded", help="Folder for the journals, in nbgrader's course folder.").tag(
        config=True
    )
    jobs = Integer(0, help="How many to grade at a time (0: one per core).").tag(config=True)
    no_sandbox = Bool(False, help="Run submissions with your permissions: trusted code only.").tag(
        config=True
    )

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        try:
            self.converter.coursedir = _forgiving(self.converter.coursedir)
            self.known: dict[tuple[str, str], list[KnownCell]] = {}
            self.results = self._grade()
        except (UserError, KitError) as error:
            raise self._refusal(str(error)) from None
        except KeyboardInterrupt:
            raise self._refusal("stopped; run the same command again to resume") from None

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Read, rebuild and preprocess a notebook; returns it with its resources."""
        assert resources is not None  # nbgrader's converters always pass them
        path, names = Path(filename), resources["nbgrader"]
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        known = self._known_cells(names["assignment"], names["notebook"])
        cells: list[Cell] = []
        try:
            cells = read_cells(read_file(path, LARGEST_NOTEBOOK, "notebook"))
        except UserError:
            self.log.warning("%s cannot be read: the submission is graded without it", filename)
        result = self.results.get((names["student"], names["assignment"]))
        if result and names["notebook"] == self.course.exercise(names["assignment"]).module:
            resources[RESULT] = self._unchanged(result)
        return self.from_notebook_node(  # type: ignore[no-any-return, no-untyped-call]
            rebuild(cells, known), resources, **more
        )

    # ------------------------------------------------------------------------ grading ahead

    @property
    def converter(self) -> Any:
        """The nbgrader converter that created this exporter."""
        return self.parent

    @cached_property
    def course(self) -> Course:
        """The course."""
        return find_course(Path(self.course_folder or self.converter.coursedir.root).resolve())

    def _grade(self) -> dict[tuple[str, str], Result]:
        """Grade every submission that nbgrader is about to read."""
        number = self.converter.coursedir.assignment_id
        self.course.exercise(number)
        with self._gradebook() as gradebook:
            try:
                module = self.course.exercise(number).module
                notebook = gradebook.find_notebook(module, number)
            except MissingEntry:
                raise UserError(
                    f"the gradebook has no exercise {number}: run `nbgrader generate_assignment "
                    f"{number}` first"
                ) from None
            tests = [c for c in notebook.grade_cells if c.cell_type == "code"]
            expect_same_points(self.course, number, tests)
        submissions = self._due(number)
        mode = None if self.no_sandbox else find_mode()
        if mode is None:
            self.log.warning("without a sandbox, submissions run with your permissions")
        elif not mode.safe:
            raise UserError(NO_ISOLATION)
        out = Path(self.converter.coursedir.root, self.out, number)
        results, _ = grade_class(
            self.course,
            submissions,
            GradingOptions(out, mode, self.jobs or cores()),
            on_result=self._report,
            on_damage=lambda path: self.log.warning("damaged journal kept as %s", path),
        )
        return {(r.submission.student, r.submission.exercise): r for r in results}

    def _due(self, number: str) -> list[SubmittedFolder]:
        """The submissions that nbgrader is about to grade.

        Those without the notebook are reported and removed, because nbgrader would stop at them.
        """
        converter = self.converter
        pattern = converter._format_source("(?P<exercise>.*)", "(?P<student>.*)", escape=True)
        notebook = self.course.exercise(number).notebook_name
        found = []
        for folder in sorted(converter.assignments):
            match = re.match(pattern, folder)
            student = match["student"] if match else Path(folder).parent.name
            if notebook not in [Path(path).name for path in converter.assignments[folder]]:
                self.log.warning(
                    "%s/%s: %s is missing, and is not graded", printable(student), number, notebook
                )
                del converter.assignments[folder]
            elif converter.force or self._is_new(student, number, Path(folder)):
                found.append(SubmittedFolder(student, number, Path(folder)))
        self._report_python_files(number)
        return found

    def _is_new(self, student: str, number: str, folder: Path) -> bool:
        before = Path(self.converter._format_dest(number, student))
        old, new = read_time(before).time, read_time(folder).time
        notebook = before / self.course.exercise(number).notebook_name
        return not notebook.exists() or (old is not None and new is not None and new > old)

    def _report_python_files(self, number: str) -> None:
        """Report the submissions that nbgrader ignores because they are only a Python file."""
        coursedir, exercise = self.converter.coursedir, self.course.exercise(number)
        pattern = coursedir.format_path(
            self.converter._input_directory, coursedir.student_id, number
        )
        found = sorted(glob(f"{pattern}/{exercise.file_name}"))  # noqa: PTH207 (nbgrader's pattern)
        for path in map(Path, found):
            if not path.with_name(exercise.notebook_name).exists():
                self.log.warning(
                    "%s is not a notebook: `grader collect` makes a notebook from it", path
                )

    def _report(self, result: Result) -> None:
        name, score = printable(result.name), f"{result.score:.4g} of {result.max_score:g}"
        self.log.info("%s: %s %s", name, score, printable(result.problem))

    # -------------------------------------------------------------------------------- helpers

    def _refusal(self, line: str) -> NbGraderException:
        self.log.error(line)
        return NbGraderException(line)

    def _gradebook(self) -> Gradebook:
        coursedir = self.converter.coursedir
        return Gradebook(coursedir.db_url, coursedir.course_id)

    def _known_cells(self, assignment: str, notebook: str) -> list[KnownCell]:
        """The gradebook's cells of a notebook; read once in a run."""
        if (assignment, notebook) not in self.known:
            with self._gradebook() as gradebook:
                found = gradebook.find_notebook(notebook, assignment)
                self.known[assignment, notebook] = known_cells(found)
        return self.known[assignment, notebook]

    def _unchanged(self, result: Result) -> Result:
        """The result, after checking that the submission has not changed since."""
        submission = result.submission
        try:
            digest = read_submission(self.course, submission.exercise, submission.folder).digest
        except UserError:
            digest = ""
        if digest != result.digest:
            raise KitError(f"{result.name} was changed while it was graded: grade it again")
        return result


class ForgivingCourse(CourseDirectory):  # type: ignore[misc]
    """nbgrader's course folder, except that an invalid timestamp is reported and does not raise."""

    def get_existing_timestamp(self, dest_path: str) -> Any:
        """When a submission was handed in; None if that is not known."""
        found = read_time(Path(dest_path))
        if found.problem:
            self.log.warning("%s: %s", dest_path, found.problem)
        return found.time


def _forgiving(coursedir: CourseDirectory) -> ForgivingCourse:
    """A `ForgivingCourse` with the same settings."""
    made = ForgivingCourse(parent=coursedir.parent)
    for name in coursedir.trait_names(config=True):
        setattr(made, name, getattr(coursedir, name))
    return made
