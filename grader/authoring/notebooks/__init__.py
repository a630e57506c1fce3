"""The course's notebooks, written from one readable source each.

`notebooks/source/<name>.py` is a Python file in the percent format that editors know: `# %% name`
begins a cell of code, `# %% name [markdown]` a text in comment lines. Three things are special:

- A cell that imports from `solutions` becomes these functions themselves, with all that they need
  and their docstrings shortened. So a notebook cannot drift from the solutions.
- The cell named `imports` also gets the imports that these functions need.
- `REPOSITORY` and `COLAB` stand for addresses that come from `repository` in course.yaml; a cell
  that names one is left out when the course has none. `pass  # %pip …` becomes `%pip …`.

`python -m grader.authoring.notebooks` writes `notebooks/<name>.ipynb`, without outputs.
"""
