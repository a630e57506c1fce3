"""What `nbgrader` needs to know to grade with this kit; copy it into any other course folder.

A course folder that does not lie in or below the folder of `course.yaml` names that one instead.
"""

from pathlib import Path

from grader.nbgrader.config import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821 (nbgrader defines it)
