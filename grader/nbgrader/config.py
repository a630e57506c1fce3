"""nbgrader's configuration for the kit: `nbgrader_config.py` only calls `configure`.

It sets only the names of classes and does not import them: every nbgrader command reads this
configuration, and most of them need neither torch nor the checks.
"""

from pathlib import Path
from typing import Any, Final

from grader.common.errors import UserError
from grader.course.settings import find_course

HERE: Final = "grader.nbgrader"
# nbgrader's own order, with `ShowVerdicts` instead of `Execute`.
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
        config: the result of `get_config()`.
        folder: the folder of `course.yaml`, or a folder below it.

    Raises:
        SystemExit: with one line, when the course cannot be read. Otherwise nbgrader would grade
            without the kit.
    """
    try:
        course = find_course(folder.resolve())
    except UserError as error:
        raise SystemExit(f"nbgrader_config.py: {error}") from None
    config.Autograde.exporter_class = f"{HERE}.exporter.ClassExporter"
    config.Autograde.autograde_preprocessors = list(AUTOGRADE)
    # nbgrader must not overwrite the Python file that was handed in.
    config.Autograde.exclude_overwriting = {
        number: [exercise.file_name] for number, exercise in course.exercises.items()
    }
    config.ClassExporter.course_folder = str(course.root)
    config.AssignLatePenalties.plugin_class = f"{HERE}.late_plugin.CourseLatePolicy"
    config.CourseLatePolicy.penalty_per_day = course.late_policy.penalty_per_day
    config.CourseLatePolicy.max_penalty = course.late_policy.max_penalty
