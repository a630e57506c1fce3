"""Configures `nbgrader` to grade with this kit; copy this file to any other course folder.

In a course folder outside the folder of `course.yaml`, replace the path below by the latter folder.
"""

from pathlib import Path

from grader.nbgrader.config import configure

configure(get_config(), Path(__file__).parent)  # noqa: F821 (nbgrader defines it)
