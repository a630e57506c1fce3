"""`python -m grader.authoring.notebooks`: write the notebooks of the course in this folder."""

import sys
from pathlib import Path

from grader.authoring.notebooks.build import write_notebooks
from grader.common.errors import UserError
from grader.course.settings import find_course


def main() -> None:
    """Write the notebooks, and print what was done."""
    try:
        course = find_course(Path.cwd())
        for path, done in write_notebooks(course):
            print(f"{done:<9} {path.relative_to(course.root)}")
    except UserError as error:
        sys.exit(f"grader: {error}")


if __name__ == "__main__":
    main()
