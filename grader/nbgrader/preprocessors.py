"""Two preprocessors that replace nbgrader's execution of notebooks and its trust in their outputs.

nbgrader gives full points to a test cell without output. So both preprocessors make sure that every
test cell gets the points of its verdict; otherwise grading this student stops with an error.
"""

from collections.abc import Mapping
from typing import Any, Final

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from grader.common.errors import KitError
from grader.nbgrader.exporter import RESULT, ClassExporter
from grader.nbgrader.feedback_cells import outputs
from grader.nbgrader.scores import TaskResult, task_results

SHOWN: Final = "grader_shown"  # the key of the grade_ids of test cells that show their verdict


class ShowVerdicts(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces `Execute`: puts the verdict into each test cell's output, and executes nothing."""

    def preprocess(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put the verdicts into the outputs of the test cells."""
        left = dict(_verdicts(self.parent, resources))
        result = resources.get(RESULT)
        resources[SHOWN] = set()
        notes, problem = (result.notes, result.problem) if result else ((), "")
        for cell in notebook.cells:
            found = left.pop(_test_id(cell), None)
            if found is not None:
                cell.outputs = outputs(found, problem, notes)
                notes, problem = (), problem if found.score is None else ""
                resources[SHOWN].add(_test_id(cell))
        return notebook, resources


class SaveVerdicts(SaveAutoGrades):  # type: ignore[misc]
    """Replaces `SaveAutoGrades`: takes the points from the verdicts, never from the outputs."""

    def preprocess(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Save the points, after checking that every test cell has its verdict."""
        names = resources["nbgrader"]
        self.verdicts = _verdicts(self.parent, resources)
        with Gradebook(names["db_url"]) as gradebook:
            cells = gradebook.find_notebook(names["notebook"], names["assignment"]).grade_cells
            answers = {_id(cell) for cell in notebook.cells if utils.is_solution(cell)}
            tests = {cell.name for cell in cells} - answers
        shown = resources.get(SHOWN, set())
        for name in sorted(tests):
            if name not in self.verdicts or name not in shown:
                raise KitError(f"{names['student']}: no verdict for the test cell {name!r}")
        return super().preprocess(notebook, resources)  # type: ignore[no-any-return]

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        if utils.is_solution(cell):  # a written answer, which people grade
            super()._add_score(cell, resources)
            return
        name = _id(cell)
        found = self.verdicts[name]
        shown, points = utils.determine_grade(cell, self.log)
        if (shown, points) != (found.score or 0.0, found.max_score):
            raise KitError(f"the test cell {name!r} shows {shown} points, not its verdict's")
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score = found.score
        grade.needs_manual_grade = grade.manual_score is not None or found.score is None
        self.gradebook.db.commit()


def _verdicts(exporter: ClassExporter, resources: Mapping[str, Any]) -> dict[str, TaskResult]:
    """The result for each test cell; empty for a notebook that the kit does not grade."""
    result = resources.get(RESULT)
    return task_results(exporter.course, result) if result else {}


def _test_id(cell: NotebookNode) -> str:
    return _id(cell) if utils.is_grade(cell) and cell.cell_type == "code" else ""


def _id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
