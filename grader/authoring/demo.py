"""The small class of `grader demo`, with typical good and bad submissions."""

import ast
import json
from pathlib import Path
from statistics import fmean
from typing import Final

from grader.common.errors import UserError
from grader.course.settings import Course

EXERCISE: Final = "03"
COMPARED: Final = {
    "resnet18_shapes, fine-tuned": "fine-tuning",
    "its maps, logistic regression": "fine-tuned maps",
    "the same maps, not fine-tuned": "probe of maps",
    "the same network from scratch": "from scratch",
    "HOG, logistic regression": "HOG",
}

FORGETS_THE_DEVICE: Final = """
def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError("num_classes or dropout is out of range")
    name = find_head(model)
    head = nn.Linear(model.get_submodule(name).in_features, num_classes)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model
"""
SOFTMAX_AT_THE_END: Final = """
def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)]
        in_features = width
    return nn.Sequential(*layers, nn.Linear(in_features, num_classes), nn.Softmax(dim=1))
"""
ONLY_RESNET: Final = """
def find_head(model):
    return "fc"
"""
NEVER_ENDS: Final = """
def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    while len(layers) < 3 * len(hidden) + 1:
        pass
    return nn.Sequential(*layers)
"""
CRASHES: Final = """
def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    import os
    os.abort()
"""
UNFINISHED_LINE: Final = "\ndef find_head(model:\n"


def make_class(course: Course, folder: Path) -> Path:
    """Write the submissions of a small class into a folder.

    Args:
        course: the course, with the folder `solutions` beside its `course.yaml`.
        folder: an empty folder.

    Returns:
        The folder that contains the students' folders.
    """
    file_name = course.exercise(EXERCISE).file_name
    try:
        solution = (course.root / "solutions" / file_name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError("the demo needs the folder `solutions` beside course.yaml") from None
    stub = (course.root / "exercises" / EXERCISE / file_name).read_text(encoding="utf-8")
    students = {
        "ada, who did everything": solution,
        "ben, who did half": f"{stub}\n{_function(solution, 'find_head')}",
        "cleo, who did not begin": stub,
        "dan, who forgot the device": f"{solution}\n{FORGETS_THE_DEVICE}",
        "eve, who added a softmax": f"{solution}\n{SOFTMAX_AT_THE_END}",
        "finn, who only tried ResNet": f"{solution}\n{ONLY_RESNET}",
        "gil, whose code crashes": f"{solution}\n{CRASHES}",
        "hana, whose code never ends": f"{solution}\n{NEVER_ENDS}",
        "iris, with a syntax error": f"{solution}\n{UNFINISHED_LINE}",
    }
    for student, text in students.items():
        path = folder / student / EXERCISE / file_name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return folder


def worth_of_transfer(course: Course) -> str:
    """The results of `benchmarks/transfer.py` on real images; empty if there are none."""
    path = course.root / "benchmarks" / "transfer.json"
    if not path.is_file():
        return ""
    measured = json.loads(path.read_text(encoding="utf-8"))["real"]
    rows = [
        (name, " / ".join(f"{fmean(found):.0%}" for found in measured[method].values()))
        for name, method in COMPARED.items()
    ]
    counts = " / ".join(f"{int(count):,}" for count in measured["HOG"])
    lines = [f"  {name:<30} {shown}" for name, shown in rows]
    title = f"What transfer is worth: real garments right after {counts} labels"
    return "\n".join([title, *lines, "  (benchmarks/transfer.py)"])


def _function(source: str, name: str) -> str:
    """The source text of one function in a module."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_source_segment(source, node) or ""
    raise UserError(f"the solution has no function {name!r}")
