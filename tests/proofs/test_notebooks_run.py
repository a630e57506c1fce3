"""The notebooks run from top to bottom, on drawn garments and on files of Fashion-MNIST."""

import json
import struct
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbformat import NotebookNode
from torchvision.models import ResNet18_Weights, resnet18

from grader.materials.garments import draw_garments
from grader.materials.weights import cached_file
from tests.authoring.test_notebooks import OPTUNA, TRANSFER, committed
from tests.materials.test_real_data import SAMPLE, needs_sample

pytestmark = pytest.mark.proof
PICTURES = {
    TRANSFER: "data transform blocks curves finetune scratch compare confusion worst predictions",
    OPTUNA: "data history intermediate importance slice retrain test mistakes",
}


@pytest.fixture(autouse=True)
def no_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that ran before in this process chose one, which a kernel would inherit."""
    monkeypatch.delenv("MPLBACKEND", raising=False)


def execute(
    name: str, folder: Path, *, first: str = "", values: str = "", **parameters: object
) -> tuple[NotebookNode, Any]:
    """Run a notebook in a kernel of its own, as papermill would.

    Args:
        name: the notebook's name.
        folder: the kernel's working folder.
        first: code to run before all cells.
        values: a Python expression of plain values, evaluated afterwards.
        parameters: replace the notebook's own.

    Returns:
        The executed notebook, without `first` and the parameters, and the values.
    """
    notebook = committed(name)
    place = next(i for i, cell in enumerate(notebook.cells) if cell["id"] == "parameters")
    assert notebook.cells[place].metadata.tags == ["parameters"]
    assert all(f"{key} = " in notebook.cells[place].source for key in parameters)
    setting = "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
    notebook.cells[place].source += f"\n{setting}"
    notebook.cells[0] = nbformat.v4.new_code_cell(first)
    tell = f"import json\nprint(json.dumps({values or None}))"
    notebook.cells.append(nbformat.v4.new_code_cell(tell))
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    told = notebook.cells.pop().outputs[0].text
    return notebook, json.loads(told)


def pictures(notebook: NotebookNode) -> str:
    """The names of the cells that show a picture."""
    return " ".join(
        cell["id"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    )


def complaints(notebook: NotebookNode) -> list[str]:
    """What the notebook wrote to stderr: warnings, mostly."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


STUDY = "[[t.params, t.value] for t in study.trials]"


def test_the_search_runs_from_top_to_bottom(tmp_path: Path) -> None:
    size = {"IMAGES": 100, "TRIALS": 2, "EPOCHS": 1, "FINAL_EPOCHS": 1}
    notebook, trials = execute(OPTUNA, tmp_path, values=STUDY, **size)
    assert pictures(notebook) == PICTURES[OPTUNA]
    assert len(trials) == 2
    assert (tmp_path / "cnn_optuna.db").is_file()


def test_the_search_goes_on_in_another_kernel(tmp_path: Path) -> None:
    size = {"IMAGES": 100, "EPOCHS": 1, "FINAL_EPOCHS": 1}
    _, before = execute(OPTUNA, tmp_path, values=STUDY, TRIALS=2, **size)
    notebook, after = execute(OPTUNA, tmp_path, values=STUDY, TRIALS=4, **size)
    assert after[:2] == before
    assert len(after) == 4
    (said,) = (cell.outputs[0].text for cell in notebook.cells if cell["id"] == "resume")
    assert said.strip() == "4 trials before, 4 afterwards"


def test_transfer_learning_runs_from_top_to_bottom_in_small(tmp_path: Path) -> None:
    size = {"IMAGES": 50, "HEAD_EPOCHS": 1, "FULL_EPOCHS": 1, "AUGMENT": True}
    notebook, _ = execute(TRANSFER, tmp_path, **size)
    assert pictures(notebook) == PICTURES[TRANSFER]
    assert complaints(notebook) == []


def test_the_search_finds_a_network_that_knows_garments(tmp_path: Path) -> None:
    wanted = "[test_accuracy, study.best_value, values.median().item(), len(study.trials)]"
    notebook, (accuracy, best, median, count) = execute(OPTUNA, tmp_path, values=wanted)
    assert pictures(notebook) == PICTURES[OPTUNA]
    assert complaints(notebook) == []
    assert count == 20
    assert best > median
    assert accuracy > 0.75


def test_the_pretrained_network_learns_and_its_frozen_part_stays(tmp_path: Path) -> None:
    wanted = (
        "[test_accuracy, all(torch.equal(a, b) for a, b in zip("
        "load_pretrained(BACKBONE).stage3.state_dict().values(), "
        "model.stage3.cpu().state_dict().values())), int(counts.sum()), len(history)]"
    )
    notebook, (accuracy, frozen, measured, epochs) = execute(TRANSFER, tmp_path, values=wanted)
    assert pictures(notebook) == PICTURES[TRANSFER]
    assert complaints(notebook) == []
    assert accuracy["head alone"] > 0.75
    assert accuracy["fine-tuned"] > max(0.8, accuracy["from scratch"])
    assert frozen
    assert (measured, epochs) == (600, 8)


# The switch to real data


NO_KIT = "import sys; sys.modules['grader'] = sys.modules['solutions'] = None"


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files as torchvision would have downloaded them: images (drawn ones) and weights (random)."""
    raw = tmp_path / "data" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for seed, part in enumerate(("train", "t10k")):
        images, labels = draw_garments(200, seed)
        head = struct.pack(">4i", 0x803, *images.shape)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(head + images.numpy().tobytes())
        head = struct.pack(">2i", 0x801, len(labels))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(head + labels.byte().numpy().tobytes())
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)  # what earlier tests set comes first
    weights = cached_file(ResNet18_Weights.DEFAULT)
    weights.parent.mkdir(parents=True)
    torch.save(resnet18().state_dict(), weights)
    return tmp_path


def test_transfer_learning_on_real_data_needs_nothing_but_torchvision(laid: Path) -> None:
    size = {"IMAGES": 50, "HEAD_EPOCHS": 1, "FULL_EPOCHS": 1}
    wanted = "[BACKBONE, MEAN, type(pictures.dataset).__name__]"
    notebook, found = execute(
        TRANSFER, laid, first=NO_KIT, values=wanted, DATA="fashion-mnist", **size
    )
    assert found == ["resnet18", [0.485, 0.456, 0.406], "FashionMNIST"]
    assert pictures(notebook) == PICTURES[TRANSFER]
    assert complaints(notebook) == []


def test_the_search_on_real_data_needs_no_kit(laid: Path) -> None:
    size = {"IMAGES": 100, "TRIALS": 2, "EPOCHS": 1, "FINAL_EPOCHS": 1}
    notebook, _ = execute(OPTUNA, laid, first=NO_KIT, DATA="fashion-mnist", **size)
    assert pictures(notebook) == PICTURES[OPTUNA]


@needs_sample
def test_the_search_learns_real_garments(tmp_path: Path) -> None:
    size = {"IMAGES": 600, "TRIALS": 6, "EPOCHS": 2}
    _, accuracy = execute(
        OPTUNA, tmp_path, values="test_accuracy", DATA="fashion-mnist", ROOT=str(SAMPLE), **size
    )
    assert accuracy > 0.6
