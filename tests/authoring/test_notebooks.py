"""The notebooks are what their sources and the solutions say."""

import ast
import copy
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from nbformat import NotebookNode
from torch import nn

import solutions.finetune
import solutions.train
from grader.authoring.notebooks.answers import TAUGHT
from grader.authoring.notebooks.build import (
    FOLDER,
    find_sources,
    notebook_text,
    read_cells,
    write_notebooks,
)
from grader.common.errors import UserError
from grader.course.settings import Course, load_course
from solutions.evaluate import evaluate
from solutions.freeze import set_train_mode
from tests.support.corpus import ROOT, course

TRANSFER = "transfer_learning_fashion_mnist_pytorch_gpu"
OPTUNA = "cnn_optuna"
NAMES = [OPTUNA, TRANSFER]
TAUGHT_IN = {
    TRANSFER: "load_pretrained preprocessing count_parameters build_transform split_train_val "
    "build_loader find_head freeze freeze_backbone swap_head evaluate set_train_mode "
    "train_one_epoch fit parameter_groups fine_tune confusion_matrix plot_predictions",
    OPTUNA: "split_train_val build_cnn objective run_study train_one_epoch evaluate "
    "plot_predictions",
}


def committed(name: str) -> NotebookNode:
    return nbformat.read(ROOT / FOLDER / f"{name}.ipynb", as_version=4)


def code_of(name: str) -> list[str]:
    return [cell.source for cell in committed(name).cells if cell.cell_type == "code"]


def tree_of(name: str) -> ast.Module:
    """The notebook's code without its magics."""
    text = "\n".join(code_of(name))
    return ast.parse(re.sub(r"^( *)%.*", r"\1pass", text, flags=re.MULTILINE))


# What stands in git


def test_every_source_has_its_notebook_and_every_notebook_its_source() -> None:
    assert [source.stem for source in find_sources(course())] == NAMES
    assert sorted(path.stem for path in (ROOT / FOLDER).glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_has_not_drifted_from_its_source_and_the_solutions(name: str) -> None:
    text = notebook_text(course(), ROOT / FOLDER / "source" / f"{name}.py")
    path = ROOT / FOLDER / f"{name}.ipynb"
    assert path.read_text("utf-8") == text, "run `python -m grader.authoring.notebooks`"


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_is_valid_and_holds_no_outputs(name: str) -> None:
    notebook = committed(name)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_is_called_in_the_notebook_as_in_its_source(name: str) -> None:
    source = (ROOT / FOLDER / "source" / f"{name}.py").read_text("utf-8")
    assert [cell["id"] for cell in committed(name).cells] == [c.name for c in read_cells(source)]


def test_ruff_finds_nothing_to_say() -> None:
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, FOLDER]
        run = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", NAMES)
def test_no_definition_hides_an_earlier_one(name: str) -> None:
    defined = [n.name for n in tree_of(name).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(defined) == len(set(defined))


class WithoutWords(ast.NodeTransformer):
    """Reduces a function to its code: no docstring, and helpers under their public names."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        if ast.get_docstring(node):
            node.body = node.body[1:]
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(TAUGHT.get(node.id, node.id), node.ctx)


def meaning(node: ast.AST) -> str:
    return ast.dump(WithoutWords().visit(copy.deepcopy(node)))


def solved() -> dict[str, list[str]]:
    """What each function of the solutions means; a private name may have several meanings."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "solutions").glob("*.py")):
        if path.stem == "capstone":  # the notebooks show nothing of it
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(meaning(node))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_function_of_the_course_means_what_it_means_in_the_solutions(name: str) -> None:
    functions = {n.name: n for n in tree_of(name).body if isinstance(n, ast.FunctionDef)}
    assert set(TAUGHT_IN[name].split()) <= set(functions)
    meant = solved()
    for called, node in functions.items():
        if called in meant:
            assert meaning(node) in meant[called], called
        assert ast.get_docstring(node), f"{called} says nothing of itself"


@pytest.mark.parametrize("module", [solutions.train, solutions.finetune])
def test_what_stands_in_for_a_private_function_trains_in_the_same_way(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def history() -> list[dict[str, Any]]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(6), nn.Dropout(0.2), nn.Linear(6, 3))
        model[1].requires_grad_(False)
        batches = [(torch.randn(8, 1, 2, 3), torch.randint(3, (8,))) for _ in range(3)]
        common: dict[str, Any] = {"device": "cpu"}
        if module is solutions.train:
            return module.fit(model, batches, batches[:1], epochs=3, lr=0.01, **common)
        common |= {"head": "3", "unfreeze": "1", "head_epochs": 2, "full_epochs": 2}
        return module.fine_tune(
            model, batches, batches[:1], head_lr=0.01, backbone_lr=0.01, **common
        )

    before = history()
    monkeypatch.setattr(module, "_set_train_mode", set_train_mode)
    monkeypatch.setattr(module, "_measure", evaluate)
    assert history() == before


# The generator


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of its own whose only notebook has an address and functions of a solution."""
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    shutil.copy(ROOT / "course.yaml", tmp_path)
    (tmp_path / FOLDER / "source").mkdir(parents=True)
    (tmp_path / FOLDER / "source" / "small.py").write_text(SMALL)
    return load_course(tmp_path / "course.yaml")


SMALL = '''"""Not in the notebook."""

# %% hello [markdown]
# # Hello
#
# Open COLAB.

# %% install
if True:
    pass  # %pip install git+REPOSITORY

# %% imports
import torch

# %% functions
from solutions.freeze import freeze_backbone

# %% use
freeze_backbone(torch.nn.Sequential(torch.nn.Linear(1, 1)), "0")
'''


def made(course: Course, text: str = SMALL) -> dict[str, str]:
    """The cells of the notebook that a source becomes."""
    source = course.root / FOLDER / "source" / "small.py"
    source.write_text(text)
    notebook = nbformat.reads(notebook_text(course, source), as_version=4)
    return {cell["id"]: cell.source for cell in notebook.cells}


def test_functions_come_with_what_they_need_and_a_short_docstring(small: Course) -> None:
    cells = made(small)
    assert cells["imports"] == "import torch\nfrom torch import nn"
    assert 'def freeze(module: nn.Module) -> None:\n    """Stop every' in cells["functions"]
    assert "def freeze_backbone(" in cells["functions"]
    assert "unfreeze_from" not in cells["functions"]
    assert "Args:" not in cells["functions"]


def test_addresses_follow_one_line_of_the_course(small: Course) -> None:
    moved = small.model_copy(update={"repository": "https://github.com/anna/her-kit"})
    cells = made(moved)
    address = (
        "https://colab.research.google.com/github/anna/her-kit/blob/main/notebooks/small.ipynb"
    )
    assert cells["hello"] == f"# Hello\n\nOpen {address}."
    assert cells["install"] == "if True:\n    %pip install git+https://github.com/anna/her-kit"


def test_without_an_address_no_cell_names_one(small: Course) -> None:
    cells = made(small.model_copy(update={"repository": None}))
    assert list(cells) == ["imports", "functions", "use"]


def test_an_address_that_colab_cannot_open_is_a_mistake_in_its_line(small: Course) -> None:
    path = small.root / "course.yaml"
    lines = path.read_text().splitlines()
    (number,) = (i for i, line in enumerate(lines) if line.startswith("repository:"))
    lines[number] = "repository: https://gitlab.com/anna/her-kit"
    path.write_text("\n".join(lines))
    with pytest.raises(UserError, match=f"line {number + 1}: `repository`"):
        load_course(path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("freeze_backbone\n", "melt\n", "has no 'melt'"),
        ("solutions.freeze", "solutions.frost", "there is no solution"),
        ("# %% use", "# %%", "line 18: a cell begins with `# %% its-name`"),
        ("# %% use", "# %% functions", "line 18: a second cell named 'functions'"),
        ("# %% use\n", "", "cell 'functions': imports from `solutions` need a cell of their own"),
        ("# %% imports\nimport torch", "", "a cell named 'imports' is missing"),
        ("freeze_backbone(torch", "from solutions.freeze import freeze  # (", "earlier cells show"),
    ],
)
def test_a_mistake_in_a_source_is_one_line(small: Course, old: str, new: str, problem: str) -> None:
    assert SMALL.count(old) == 1
    with pytest.raises(UserError) as raised:
        made(small, SMALL.replace(old, new))
    assert problem in str(raised.value)
    assert "small.py: " in str(raised.value)
    assert "\n" not in str(raised.value)


def test_writing_strips_what_an_execution_left(small: Course) -> None:
    path = small.root / FOLDER / "small.ipynb"
    assert list(write_notebooks(small)) == [(path, "written")]
    clean = path.read_text()
    notebook = nbformat.reads(clean, as_version=4)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="secret")]
    nbformat.write(notebook, path)
    assert list(write_notebooks(small)) == [(path, "written")]
    assert path.read_text() == clean
    assert list(write_notebooks(small)) == [(path, "unchanged")]
