"""Imports packages and looks at files; prints one line of JSON for each finding.

    python -m grader.learner.doctor.probe FOLDER torch torchvision

It is a separate process (see `examine.py`), because an import may fail in any way or end Python.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from grader.common.child_process import answering

PREPARE: Final = "run `grader prepare`, with a network connection or with `--from-bundle FILE`"
INSTALL_AGAIN: Final = "install the kit again, as its README says"
MEND: Final = "correct that line of course.yaml"


def main() -> None:
    """Report what is found; what a package prints does not reach the parent."""
    folder, *modules = sys.argv[1:]
    with answering() as answer:
        for found in _answers(Path(folder), modules):
            answer(found)


def _answers(folder: Path, modules: list[str]) -> Iterator[dict[str, Any]]:
    problems = {}
    for module in modules:
        problems[module] = _import_problem(module)
        yield {"module": module, "problem": problems[module]}
    if any(problems.get(name, "missing") for name in ("torch", "torchvision")):
        return
    yield {"gpu": _gpu()}
    for about, text, remedy in _files(folder):
        yield {"file": about, "text": text, "remedy": remedy}


def _import_problem(module: str) -> str:
    """Why a module cannot be imported, in one line; empty when it can."""
    try:
        import_module(module)
    except BaseException as error:  # a broken package may raise anything
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""


def _gpu() -> str:
    """The name of the GPU that torch can use; empty if there is none."""
    import torch

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name(0))
    return "Apple's GPU (mps)" if torch.backends.mps.is_available() else ""


def _files(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The state of the course's images and weights: kind, text, and a remedy if one is needed."""
    from grader.common.errors import KitError, UserError
    from grader.course.settings import load_course
    from grader.materials.wanted_files import MIB, FileState, inspect, needs
    from grader.materials.weights import find_entry

    try:
        course = load_course(folder / "course.yaml")
        wanted = needs(course)
        entry = find_entry(course.backbone)
    except UserError as error:
        yield "course", str(error), MEND
        return
    for file in wanted:
        try:
            state = inspect(file)
        except UserError as error:
            yield file.kind, str(error), PREPARE
            continue
        there = state not in (FileState.MISSING, FileState.DAMAGED)
        text = f"{file.name}, {file.size / MIB:.2f} MiB, is {state.value}"
        yield file.kind, text, "" if there else PREPARE
    kinds = {file.kind for file in wanted}
    if "data" not in kinds:
        yield "data", "drawn by the kit", ""
    if "weights" not in kinds and entry is None:
        yield "weights", "random ones, as course.yaml says", ""
    elif "weights" not in kinds and entry is not None:
        try:
            entry.get_state_dict()
        except (KitError, OSError) as error:
            yield "weights", str(error), INSTALL_AGAIN
        else:
            yield "weights", f"{entry.name} of {course.backbone.name}, as installed", ""


if __name__ == "__main__":
    main()
