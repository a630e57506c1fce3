"""The course's settings, read from `course.yaml`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.common.errors import UserError
from grader.common.fingerprint import HIDDEN_CHECKS

FILE_NAME: Final = "course.yaml"
SETTINGS: Final = ("data", "backbone", "thresholds", "capstone")  # settings that checks may read
HINT_TIERS: Final = {"nudge": "a nudge", "approach": "an approach", "call": "a call"}
GITHUB: Final = r"^https://github\.com/[\w.-]+/[\w.-]*\w$"  # the only addresses that Colab opens
WALL_FACTOR: Final = 10  # the backstop: the limit of wall time is this many times the CPU time
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Section):
    """The source of the images for the checks that train.

    Attributes:
        source: "embedded" (drawn by the kit) or "fashion-mnist" (torchvision's files below `root`).
        root: torchvision's data root, relative to the course's folder.
    """

    source: Literal["embedded", "fashion-mnist"]
    root: str = "data"


class Backbone(_Section):
    """A model in torchvision's registry and its weights entry (None: random initialisation)."""

    name: str
    weights: str | None


class Thresholds(_Section):
    """The thresholds that a correct answer reaches.

    Attributes:
        trained_accuracy: the accuracy after a training run of a few epochs.
    """

    trained_accuracy: Fraction


class Tier(_Section):
    """One way of grading the capstone.

    Attributes:
        images: how many images a submission is given to train on.
        accuracy: the accuracy that its classifier must reach on other images.
    """

    images: Annotated[int, Field(ge=100, le=60_000)]
    accuracy: Fraction


class Capstone(_Section):
    """The tiers of exercise 08.

    Attributes:
        cpu: drawn garments and the kit's own backbone, on the CPU.
        gpu: the same on a GPU.
        gpu_real: the data and the backbone that the course names, on a GPU. It is used when the
            data is Fashion-MNIST, and both are on disk.
    """

    cpu: Tier
    gpu: Tier
    gpu_real: Tier


class LatePolicy(_Section):
    """The fraction of the points lost per begun day after a deadline, and the largest such loss."""

    penalty_per_day: Fraction
    max_penalty: Fraction


class Release(_Section):
    """What a release for learners contains.

    Attributes:
        hints: the last tier of hints to include; all tiers before it are included, too.
    """

    hints: Literal["nudge", "approach", "call"] = "call"

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers of hints to include."""
        tiers = tuple(HINT_TIERS)
        return tiers[: tiers.index(self.hints) + 1]

    @property
    def in_words(self) -> str:
        """The tiers in the words of the lessons: "a nudge, an approach and a call"."""
        *first, last = [HINT_TIERS[tier] for tier in self.tiers]
        return f"{', '.join(first)} and {last}" if first else last


class Limits(_Section):
    """What a submission may use while it is graded.

    Attributes:
        cpu_seconds: the CPU time of one check; ten times as much wall time is the backstop.
        memory_mib: the memory beyond what Python and torch need at the start.
        scratch_mib: the total size of the files in its scratch folder.
        scratch_files: the number of those files.
        output_kib: how much printed text is kept; the rest is counted and dropped.
        processes: the number of threads and processes together.
    """

    cpu_seconds: Annotated[int, Field(ge=1, le=3600)] = 20
    memory_mib: Annotated[int, Field(ge=64)] = 2048
    scratch_mib: Annotated[int, Field(ge=1)] = 64
    scratch_files: Annotated[int, Field(ge=10)] = 1000
    output_kib: Annotated[int, Field(ge=0)] = 64
    processes: Annotated[int, Field(ge=1)] = 32


class Exercise(_Section):
    """One exercise.

    Attributes:
        title: the topic of the exercise.
        module: the learner's file, without `.py`.
        limits: the limits of a submission while it is graded.
        tasks: the points of each function, in the order of the task numbers.
    """

    title: str
    module: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    limits: Limits = Limits()
    tasks: Annotated[dict[str, Annotated[int, Field(ge=1)]], Field(min_length=1)]

    @property
    def file_name(self) -> str:
        """The learner's file."""
        return f"{self.module}.py"

    @property
    def notebook_name(self) -> str:
        """The learner's file when it is a notebook."""
        return f"{self.module}.ipynb"

    @property
    def points(self) -> int:
        """The points of all tasks."""
        return sum(self.tasks.values())


class Course(_Section):
    """The whole course; `root` is the folder of its `course.yaml`.

    Attributes:
        repository: the GitHub address that the notebooks link to; None: they have no such link.
        gpu_slots: how many submissions may use a GPU at the same time.
    """

    title: str
    repository: Annotated[str, Field(pattern=GITHUB)] | None = None
    data: Data
    backbone: Backbone
    thresholds: Thresholds
    capstone: Capstone
    late_policy: LatePolicy
    release: Release = Release()
    gpu_slots: Annotated[int, Field(ge=0)] = 1
    exercises: dict[Annotated[str, Field(pattern=r"^\d\d$")], Exercise]
    root: Path

    def exercise(self, number: str) -> Exercise:
        """The exercise with this number; `UserError` when there is none."""
        if number not in self.exercises:
            known = ", ".join(self.exercises)
            raise UserError(f"there is no exercise {number!r}: the course has {known}")
        return self.exercises[number]

    def visible_checks(self, number: str) -> Path:
        """The file of an exercise's visible checks; `UserError` when it is missing."""
        path = self.root / "exercises" / number / f"test_{self.exercise(number).module}.py"
        if not path.is_file():
            raise UserError(
                f"{path} is missing: {FILE_NAME} belongs beside the course's `exercises` folder"
            )
        return path

    def hidden_checks(self, number: str) -> Path:
        """The file of an exercise's hidden checks; a learner's copy of the kit has none."""
        return HIDDEN_CHECKS / f"test_{number}_{self.exercise(number).module}.py"

    def task_number(self, number: str, task: str) -> str:
        """The number of a task in stubs and messages: the second task of 03 is "3.2"."""
        return f"{int(number)}.{list(self.exercises[number].tasks).index(task) + 1}"


class Watched:
    """A course that reports each setting that is read, since verdicts depend on it."""

    def __init__(self, course: Course, on_setting: Callable[[str], None]) -> None:
        self._course = course
        self._on_setting = on_setting

    def __getattr__(self, name: str) -> Any:
        if name in SETTINGS:
            self._on_setting(name)
        return getattr(self._course, name)


def find_course(start: Path) -> Course:
    """The course of the nearest `course.yaml` in `start` or above it."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return load_course(folder / FILE_NAME)
    raise UserError(f"no {FILE_NAME} in {start} or above it: run this inside the course's folder")


def load_course(path: Path) -> Course:
    """Load a course from a file; `UserError` names line and field of the first mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path.name}, line {line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path.name}, line 1: {str(error).splitlines()[0]}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path.name}, line 1: a course is a mapping that begins with `title:`")
    _refuse_duplicates(path, tree)
    try:
        return Course.model_validate({**content, "root": path.parent})
    except ValidationError as error:
        problems = error.errors()
        # A misspelt field is reported as missing, too: show the line of the misspelling.
        first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
        field = tuple(part for part in first["loc"] if part != "[key]")
        name = ".".join(str(part) for part in field)
        problem = first["msg"][0].lower() + first["msg"][1:]
        line = _line_of(tree, field)
        raise UserError(f"{path.name}, line {line}: `{name}`: {problem}") from None


def _line_of(node: Any, field: tuple[Any, ...]) -> int:
    """The line of a field, or of the innermost mapping around it that exists."""
    line = 1
    for part in field:
        if not isinstance(node, yaml.MappingNode):
            break
        found = [(key, value) for key, value in node.value if key.value == str(part)]
        if not found:
            break
        key, node = found[0]
        line = key.start_mark.line + 1
    return line


def _refuse_duplicates(path: Path, node: Any) -> None:
    """Raise `UserError` for a duplicate key, where YAML would silently keep the last one."""
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            line = key.start_mark.line + 1
            raise UserError(f"{path.name}, line {line}: `{key.value}` is given twice")
        seen.add(key.value)
        _refuse_duplicates(path, value)
