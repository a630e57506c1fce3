"""The texts in a release: README files, nbgrader's configuration, pyproject.toml."""

from typing import Final

README: Final = """\
# {title}

You fill in functions, and the checks tell you how far you are.

## Set it up, once

In this folder, on Linux and macOS:

```
python3 -m venv .venv
.venv/bin/python -m pip install --constraint constraints.txt --editable .
```

On Windows:

```
py -m venv .venv
.venv\\Scripts\\python -m pip install --constraint constraints.txt --editable .
```

You need Python 3.11 or newer, and a network connection: PyTorch takes some gigabytes. Afterwards
everything works offline: images and a pretrained network come with this folder. Activate the
environment once in each terminal:

```
source .venv/bin/activate        # on Windows: .venv\\Scripts\\activate
```

## Begin

```
pytest exercises/{first}
```

1. Read the lesson, `exercises/{first}/README.md`.
2. Replace each `raise NotImplementedError` in `exercises/{first}/{file_name}` by your code.
3. Run `pytest exercises/{first}` again. A failed check shows what your function returned, what was
   expected, the likely reason and the line.

`grader watch {first}` runs the checks whenever you save the file. Stuck? `grader hint {first}`
shows one more hint each time. `grader reset {first}` restores the original file, and keeps a backup
of yours beside it.

| exercise | you write | about |
|---|---|---|
{exercises}

Each exercise is self-contained. Grading also runs hidden checks, on other inputs. `grader --help`
lists all commands.
"""

SOLUTIONS_README: Final = """\
# Solutions

There is one module for each exercise, with the same function names, written to be read. Try an
exercise first: you learn little from an answer that you only read.

Unzip this beside the folder `exercises`. Then `grader compare 03` runs your functions and these on
the same inputs, and shows the results side by side, with the reason for each step.
"""

NBGRADER_CONFIG: Final = """\
# Makes nbgrader grade with the kit. You may add settings of your own.
from pathlib import Path

from grader.nbgrader.config import configure

configure(get_config(), {folder})
"""

PYPROJECT: Final = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
description = "Exercises for transfer learning in PyTorch"
license = "MIT"
requires-python = ">=3.11"
dependencies = [
{dependencies}
]

[project.scripts]
grader = "grader.cli:main"

[tool.setuptools.packages.find]
include = ["grader*"]

[tool.setuptools.package-data]
"grader.learner" = ["*.html.j2"]

[tool.pytest.ini_options]
minversion = "8.4"
# Loading plugins that no check needs takes most of a second, and so does the last one at exit.
addopts = ["--import-mode=importlib", "--disable-plugin-autoload", "-p", "no:unraisableexception"]
pythonpath = ["."]
testpaths = ["exercises"]
console_output_style = "classic"
markers = [
    "check(id, weight, needs, reason): a graded check of the learner's module",
    "gpu: needs a GPU",
]
"""
