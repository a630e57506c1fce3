"""Builds the course's notebooks, each from one readable source file.

`notebooks/source/<name>.py` is a Python file in the percent format, which many editors support:
`# %% name` begins a code cell, and `# %% name [markdown]` a text cell, written in comment lines.
Some things are special:

- A cell that imports functions from `solutions` is replaced by these functions and everything that
  they need, with shortened docstrings. So a notebook always agrees with the solutions.
- The cell named `imports` also gets the imports that these functions need.
- `REPOSITORY` and `COLAB` are replaced by addresses made from `repository` in course.yaml. If the
  course has no repository, cells that contain one of them are left out.
- `pass  # %pip …` becomes `%pip …`.

`python -m grader.authoring.notebooks` writes `notebooks/<name>.ipynb`, without outputs.
"""
