"""What `grader demo` shows: a class of typical submissions, and a trained classifier."""

import ast
from pathlib import Path
from typing import Final

from grader.common.errors import UserError
from grader.course.settings import Course

EXERCISE: Final = "03"
LEARNT_FROM: Final = 600  # garments: seconds on a CPU
MEASURED_ON: Final = 300
SHOWN: Final = 10
PICTURE: Final = "predictions.png"

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


def classify_garments(folder: Path) -> str:
    """Train the capstone's solution on drawn garments, and draw what it says of others.

    Args:
        folder: the folder for the picture.

    Returns:
        The accuracy on garments that it has not seen, and the picture's path, in two lines.
    """
    import torch  # here, because importing it takes seconds

    from grader.learner.figures import draw_predictions, save
    from grader.materials.exam import BATCH, EMBEDDED, draw_some
    from grader.materials.garments import CLASSES
    from solutions.capstone import train_classifier

    torch.set_num_threads(1)  # more threads would only wait for each other
    generator = torch.Generator().manual_seed(0)
    images, labels = draw_some(LEARNT_FROM, generator)
    model = train_classifier(images, labels, backbone=EMBEDDED, device="cpu", seed=0)
    images, labels = draw_some(MEASURED_ON, generator)
    with torch.inference_mode():
        predicted = torch.cat([model(part) for part in images.split(BATCH)]).argmax(dim=1)
    figure = draw_predictions(
        images[:SHOWN], labels[:SHOWN], {"it says": predicted[:SHOWN]}, CLASSES
    )
    save(figure, folder / PICTURE)
    accuracy = float((predicted == labels).float().mean())
    return (
        f"The capstone's solution has learnt from {LEARNT_FROM} drawn garments. Of {MEASURED_ON} "
        f"others it names {accuracy:.0%} correctly.\n"
        f"A picture of {SHOWN} of them: {folder / PICTURE}"
    )


def _function(source: str, name: str) -> str:
    """The source text of one function in a module."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_source_segment(source, node) or ""
    raise UserError(f"the solution has no function {name!r}")
