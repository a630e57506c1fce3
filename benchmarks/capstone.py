"""Measures right and wrong answers to exercise 08 with many seeds, to choose its thresholds.

Each answer (the solution, every correct variant, and every mutant whose mistake must show in the
accuracy) is trained and measured as the grader does it. The threshold must lie between the worst
run of a right answer and the best run of a wrong one.

    python benchmarks/capstone.py [--seeds 20] [--jobs 2] [--results FILE] [--gpu cuda:0]

Without `--gpu` it measures the CPU tier, with one thread for each run. With `--results` each run is
saved, so that an interrupted benchmark can be resumed.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Final

os.environ["OMP_NUM_THREADS"] = "1"  # as in the sandbox; the processes started here inherit it

import torch

from grader.authoring.audit.answers import Answer, Kind, find_answers
from grader.course.settings import Course, find_course
from grader.materials.exam import NUMBER, drawn_exam, gpu_exam

ROOT: Final = Path(__file__).resolve().parent.parent
NAMED: Final = ("08.train_classifier.accuracy", "08.train_classifier.learns")
Runs = dict[str, dict[str, list[float]]]  # answer → seed → accuracy, seconds of training


def main() -> None:
    """Do the missing runs, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--gpu", help="measure the GPU tier on this device")
    options = parser.parse_args()
    course = find_course(ROOT)
    right, wrong = answers(course)
    runs: Runs = {}
    if options.results and options.results.exists():
        runs = json.loads(options.results.read_text())
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        left = {
            pool.submit(run, course, answer, seed, options.gpu): (answer.student, str(seed))
            for seed in range(options.seeds)
            for answer in [*right, *wrong]
            if str(seed) not in runs.get(answer.student, {})
        }
        for future in as_completed(left):
            name, seed = left[future]
            runs.setdefault(name, {})[seed] = list(future.result())
            if options.results:
                options.results.write_text(json.dumps(runs, indent=1, sort_keys=True))
    for line in table(runs, right, wrong, options.seeds):
        print(line)
    tier = course.capstone.gpu if options.gpu else course.capstone.cpu
    print(f"  course.yaml asks for {tier.accuracy}")


def answers(course: Course) -> tuple[list[Answer], list[Answer]]:
    """Right answers, and wrong ones whose mistake must show in the accuracy."""
    found = find_answers(course, [NUMBER], sample=None, seed="")
    right = [answer for answer in found if answer.kind in (Kind.SOLUTION, Kind.VARIANT)]
    return right, [answer for answer in found if answer.fails in NAMED]


def run(course: Course, answer: Answer, seed: int, gpu: str | None) -> tuple[float, float]:
    """Train an answer once, and measure it.

    Returns:
        The accuracy on unseen images, and the seconds that training took (CPU seconds without a
        GPU).
    """
    generator = torch.Generator().manual_seed(1000 + seed)
    exam = gpu_exam(course, generator) if gpu else drawn_exam(course.capstone.cpu, generator)
    clock = time.monotonic if gpu else time.process_time
    module: dict = {"__name__": "answer"}
    exec(compile(answer.text, answer.student, "exec"), module)
    began = clock()
    torch.manual_seed(seed)
    model = module["train_classifier"](
        exam.images, exam.labels, backbone=exam.backbone, device=gpu or "cpu", seed=seed
    )
    seconds = clock() - began
    with torch.no_grad():
        return exam.measure(lambda images: model(images.to(gpu or "cpu")).cpu()), seconds


def table(runs: Runs, right: list[Answer], wrong: list[Answer], seeds: int) -> Iterator[str]:
    """The lines of the table: one for each answer, then the margin between right and wrong."""
    yield f"{seeds} seeds        accuracy:   worst    mean    best    seconds"
    found: dict[str, list[float]] = {}
    for title, group in (("right", right), ("wrong", wrong)):
        yield f"  {title}"
        for answer in group:
            chosen = [runs[answer.student][str(seed)] for seed in range(seeds)]
            accuracies = [accuracy for accuracy, _ in chosen]
            found.setdefault(title, []).extend(accuracies)
            mean, seconds = sum(accuracies) / seeds, max(s for _, s in chosen)
            shown = f"{min(accuracies):10.3f}{mean:8.3f}{max(accuracies):8.3f}{seconds:10.1f}"
            yield f"    {answer.path.stem:<28}{shown}"
    worst, best = min(found["right"]), max(found["wrong"])
    yield f"  worst right {worst:.3f}, best wrong {best:.3f}: a margin of {worst - best:.3f}"


if __name__ == "__main__":
    main()
