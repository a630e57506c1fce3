"""Compares the kit with plain nbgrader: speed, and resistance to attacks.

The same students are autograded twice in one run: with the kit's configuration, and with nbgrader's
own `Execute` and the same checks in the notebook's kernel, where each test cell outputs its task's
points. The times are those of the whole command `nbgrader autograde`.

Then submissions of the attack suite are graded both ways, and the benchmark counts how many get
full marks without an answer. Plain nbgrader runs them with your permissions. So only attacks that
read, forge or lie are used, and none that fills the disk, forks, or brings the machine down.

    python benchmarks/nbgrader_cycle.py [--students 20] [--exercise 03] [--no-attacks]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import nbformat
from nbgrader.api import Gradebook

from grader.authoring.release.assignment import assignment_files
from grader.course.settings import Course, find_course
from grader.grading.handed_in.cells import SOLUTION, solution_cell
from grader.grading.handed_in.cells import test_cell as points_cell

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent
WITH_ATTACKS: Final = "03"
TAME: Final = (
    *("exit_at_import", "forged_error_types", "frames_and_gc", "liar_class", "liar_shape"),
    *("liar_string", "memorised", "network", "patched_comparisons", "patched_json"),
    *("patched_runner", "read_checks", "read_environment", "read_processes"),
    *("read_solutions", "tell_hidden_inputs", "who_is_asking"),
)
# The first test cell runs all checks once, as a plain course would; the others use its verdicts.
IN_THE_KERNEL: Final = """\
if "verdicts" not in globals():
    from pathlib import Path
    from grader.course.settings import find_course
    from grader.judge.run_checks import run_checks
    from grader.course.scoring import score_task
    source = Path("{file_name}").resolve()
    source.write_text(In[1])
    verdicts = run_checks(find_course(Path({root!r})), "{number}", source, seed="0")
of_task = score_task({points}, [verdict for verdict in verdicts if verdict.task == "{task}"])
min({points}, round(sum(score.score for score in of_task), 6))
"""
PLAIN: Final = """\
c = get_config()
c.Execute.timeout = 300
"""


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--exercise", default="03")
    parser.add_argument("--no-attacks", action="store_true")
    options = parser.parse_args()
    course = find_course(ROOT)
    number = options.exercise
    answer = (ROOT / "solutions" / course.exercise(number).file_name).read_text("utf-8")
    # Each has an extra line of its own, so that no two share a cached verdict.
    answers = {f"student{n:03}": f"{answer}\n# student {n}\n" for n in range(options.students)}
    with tempfile.TemporaryDirectory() as folder:
        kit, plain = kit_course(course, number, folder), plain_course(course, number, folder)
        hand_in(course, number, answers, (kit, plain))
        ours, theirs = autograde(kit, number), autograde(plain, number)
        print(f"Exercise {number}, the solution, {options.students} students; whole command")
        print(f"  the kit's configuration   {ours:7.1f} s, {full_marks(kit, number)} full marks")
        print(
            f"  nbgrader's own Execute    {theirs:7.1f} s, {full_marks(plain, number)} full marks"
        )
        print(f"  {theirs / ours:.1f} times as fast", flush=True)
    if options.no_attacks:
        return
    with tempfile.TemporaryDirectory() as folder:
        kit = kit_course(course, WITH_ATTACKS, folder)
        plain = plain_course(course, WITH_ATTACKS, folder)
        texts = attacks()
        hand_in(course, WITH_ATTACKS, texts, (kit, plain))
        for place in (kit, plain):
            autograde(place, WITH_ATTACKS)
        print(f"{len(texts)} attacks, of which get full marks without an answer:")
        print(f"  with the kit's configuration   {full_marks(kit, WITH_ATTACKS)}")
        print(f"  with nbgrader's own Execute    {full_marks(plain, WITH_ATTACKS)}")


def kit_course(course: Course, number: str, folder: str) -> Path:
    """Make a course folder with `grader release` and the configuration that it writes."""
    root = Path(folder, "kit")
    for name, content in assignment_files(course, number).items():
        path = root / "source" / number / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in ("course.yaml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    (root / "exercises").symlink_to(ROOT / "exercises")
    nbgrader("generate_assignment", number, folder=root)
    return root


def plain_course(course: Course, number: str, folder: str) -> Path:
    """Make a course folder of plain nbgrader, with the checks in the notebook's test cells."""
    root = Path(folder, "plain")
    exercise = course.exercise(number)
    answer = (ROOT / "solutions" / exercise.file_name).read_text("utf-8")
    cells = [solution_cell(f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION")]
    for task, points in exercise.tasks.items():
        settings: dict[str, Any] = {"file_name": exercise.file_name, "root": str(ROOT)}
        text = IN_THE_KERNEL.format(number=number, task=task, points=points, **settings)
        cells.append(points_cell(text, task, points))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = root / "source" / number / exercise.notebook_name
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    (root / "nbgrader_config.py").write_text(PLAIN, encoding="utf-8")
    nbgrader("generate_assignment", number, folder=root)
    return root


def hand_in(
    course: Course, number: str, answers: Mapping[str, str], places: tuple[Path, ...]
) -> None:
    """Put answers into the solution cells of the released notebooks."""
    name = course.exercise(number).notebook_name
    for place in places:
        text = (place / "release" / number / name).read_text("utf-8")
        for student, answer in answers.items():
            notebook = json.loads(text)
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == SOLUTION:
                    cell["source"] = answer
            path = place / "submitted" / student / number / name
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook), encoding="utf-8")


def attacks() -> dict[str, str]:
    """The attacks that take part, as the tests hand them in."""
    sys.path.insert(0, str(ROOT))
    from tests.support import hostile

    return {attack.name: attack.text for attack in hostile.attacks(TAME)}


def autograde(place: Path, number: str) -> float:
    """The wall seconds of `nbgrader autograde`; failures of single students are allowed."""
    start = time.perf_counter()
    nbgrader("autograde", number, folder=place, check=False)
    return time.perf_counter() - start


def full_marks(place: Path, number: str) -> int:
    """How many submissions have full marks."""
    with Gradebook(f"sqlite:///{place / 'gradebook.db'}") as gradebook:
        found = gradebook.assignment_submissions(number)
        return sum(s.score >= s.max_score - 1e-6 for s in found)


def nbgrader(*arguments: str, folder: Path, check: bool = True) -> None:
    """Run nbgrader's command line in a course folder."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),  # it starts alembic
        "OMP_NUM_THREADS": "1",
        "SECRET_OF_THE_JUDGE": "here",  # what one of the attacks looks for
    }
    command = [str(BIN / "nbgrader"), *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=check, capture_output=True)


if __name__ == "__main__":
    main()
