"""Runs a module as `python -m MODULE …` does, with a witness.

    python -m tests.support.grade_with_witness FOLDER MODULE ...

The judge reads all that a submission prints, and drops most of it. Here each worker also writes it
to a file in FOLDER, so that a test can tell which payloads ran.
"""

import os
import runpy
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from grader.course.scoring import Judgement
from grader.grading.job import Job, grade_job


def main(folder: Path, *command: str) -> None:
    """Run a module whose workers keep what submissions print."""
    from grader.grading import classroom

    classroom.grade_job = partial(grade_watched, folder)
    sys.argv = list(command)
    runpy.run_module(command[0], run_name="__main__")


def grade_watched(folder: Path, job: Job) -> Judgement:
    """In a worker: grade a submission, and keep what it prints."""
    from grader.sandbox import channel  # imports torch, so only once the worker is ready

    def read(descriptor: int, size: int) -> bytes:
        part = os.read(descriptor, size)
        with (folder / str(os.getpid())).open("ab") as copy:
            copy.write(part)
        return part

    channel.os = SimpleNamespace(**{**vars(os), "read": read})  # it uses `os.read` for nothing else
    return grade_job(job)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
