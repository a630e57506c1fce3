"""nbgrader's configuration for the kit: `nbgrader_config.py` calls this, and nothing else.

Only names of classes are set here: every command of nbgrader reads its configuration, and most of
them need neither torch nor the checks.
"""

from pathlib import Path
from typing import Any, Final

from grader.common.errors import UserError
from grader.course.settings import find_course

HERE: Final = "grader.nbgrader"
# The order of nbgrader's own: what shows the verdicts stands in the place of `Execute`.
AUTOGRADE: Final = (
    f"{HERE}.preprocessors.ShowVerdicts",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    f"{HERE}.preprocessors.SaveVerdicts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)


def configure(config: Any, folder: Path) -> None:
    """Let `nbgrader autograde` grade with the kit.

    Args:
        config: what `get_config()` gives.
        folder: the folder of `course.yaml`, or one below it.

    Raises:
        SystemExit: with one line, when the course cannot be read: going on would mean to grade
            without the kit.
    """
    try:
        course = find_course(folder.resolve())
    except UserError as error:
        raise SystemExit(f"nbgrader_config.py: {error}") from None
    config.Autograde.exporter_class = f"{HERE}.exporter.ClassExporter"
    config.Autograde.autograde_preprocessors = list(AUTOGRADE)
    # A file that was handed in stays what it was beside the autograded notebook.
    config.Autograde.exclude_overwriting = {
        number: [exercise.file_name] for number, exercise in course.exercises.items()
    }
    config.ClassExporter.course_folder = str(course.root)
    config.AssignLatePenalties.plugin_class = f"{HERE}.late_plugin.CourseLatePolicy"
    config.CourseLatePolicy.penalty_per_day = course.late_policy.penalty_per_day
    config.CourseLatePolicy.max_penalty = course.late_policy.max_penalty
