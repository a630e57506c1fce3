"""Writes the messages that learners see when a check does not pass."""

import builtins
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from grader.course.scoring import Status
from grader.course.settings import Limits
from grader.judge.expectations import Mismatch
from grader.judge.submission import LearnerError

_TASK: Final = re.compile(r"Task [0-9]{1,2}\.[0-9]{1,2}")
_LIKELY: Final = {
    "AssertionError": "An `assert` in the code failed, although these arguments are allowed.",
    "AttributeError": "The object has no such attribute: is it the kind of object you expect?",
    "ImportError": "That import does not exist: check its spelling in torch's documentation.",
    "IndexError": "An index lies outside its list or tensor.",
    "KeyError": "That key is not in the dictionary.",
    "NameError": "That name is not defined here: check its spelling and the imports.",
    "TypeError": "A function got arguments that it does not take, or None where it needs a value.",
    "SyntaxError": "Python cannot read the file: look at the line and the one above it.",
    "ValueError": "A ValueError came up although these arguments are allowed: look at that line.",
    "ZeroDivisionError": "A number was divided by zero: is something empty, or counted wrongly?",
    "SystemExit": "Code that is imported must not exit: take the call out.",
    "RecursionError": "A function calls itself endlessly.",
    "RuntimeError": "torch could not do this: compare the shapes, dtypes and names in that line.",
}
_DEVICES: Final = (
    "Something was not moved to `device`: the model, the images and the labels must be on the same "
    "one."
)

_KIT: Final = "An answer may import only those parts of the kit that the lessons show."
_UNKNOWN: Final = (
    "The code stopped with an error ({error}) instead of returning an answer: make the same call "
    "yourself and read the whole message."
)
_GRADIENTS: Final = (
    "The loss depends on no parameter that can learn: is everything frozen, or were gradients "
    "switched off (`torch.no_grad`, `set_grad_enabled(False)`) and never switched on again?"
)


@dataclass(frozen=True)
class Feedback:
    """Why a check did not pass, with its fields in the order shown. Empty fields are left out."""

    call: str = ""
    example: str = ""
    returned: str = ""
    expected: str = ""
    because: str = ""
    where: str = ""
    next: str = ""

    def without_values(self) -> "Feedback":
        """The feedback of a hidden check, without the call, the returned and expected values."""
        return replace(self, call="", returned="", expected="")

    def text(self) -> str:
        """The message, with one line for each field."""
        rows = {name: value for name, value in vars(self).items() if value}
        return "\n".join(f"{name:<9} {value}" for name, value in rows.items())


def judge_error(
    error: BaseException, last_call: str, source: Path, shown: str, limits: Limits
) -> tuple[Status, Feedback]:
    """The status and the feedback for an exception that a check raised.

    `because` and `where` never contain text that a submission can choose while it runs. Hidden
    checks show both fields, and such text could reveal hidden inputs.

    Args:
        error: the exception.
        last_call: the latest call of a learner's function, as text.
        source: the learner's file.
        shown: the file's name in the message.
        limits: the submission's limits.
    """
    if isinstance(error, BaseExceptionGroup):
        return judge_error(error.exceptions[0], last_call, source, shown, limits)
    if isinstance(error, LearnerError):
        return _raised(error, last_call, source, shown, limits)
    where = f"{shown}:{_definition(source, last_call)}"
    if isinstance(error, Mismatch):
        return Status.FAILED, Feedback(
            call=last_call,
            returned=error.got,
            expected=error.want,
            because=error.because,
            where=where,
        )
    return Status.FAILED, Feedback(
        call=last_call,
        returned=f"something that the check cannot use ({type(error).__name__})",
        because="The answer does not have the form that the docstring promises.",
        where=where,
    )


def _raised(
    error: LearnerError, last_call: str, source: Path, shown: str, limits: Limits
) -> tuple[Status, Feedback]:
    name = error.types[0]
    known = [kind for kind in error.types if hasattr(builtins, kind)]
    if name == "NotImplementedError" and error.own and (task := _TASK.match(error.message)):
        return Status.NOT_ATTEMPTED, Feedback(because=f"{task[0]} is not written yet.")
    status, limit = _overrun(error, limits)
    reasons = [_LIKELY[kind] for kind in error.types if kind in _LIKELY]
    if limit:
        reasons = [f"The code went over its limit of {limit}."]
    if "same device" in error.message or "pretended" in error.message:
        reasons = [_DEVICES]
    if "part of the kit that grades" in error.message:
        reasons = [_KIT]
    if "does not require grad" in error.message:
        reasons = [_GRADIENTS]
    return status, Feedback(
        call=error.call,
        returned=f"{name}: {error.message}",
        because=reasons[0] if reasons else _UNKNOWN.format(error=[*known, "Exception"][0]),
        where=_where(error, last_call, source, shown),
    )


def _where(error: LearnerError, last_call: str, source: Path, shown: str) -> str:
    """The innermost line of the learner's code, else the line of the function's definition."""
    number = error.lines[-1]["line"] if error.lines else 0
    lines = _lines(source)
    if type(number) is not int or not 0 < number <= len(lines):
        return f"{shown}:{_definition(source, last_call)}" if last_call else shown
    return f"{shown}:{number}  {lines[number - 1].decode(errors='replace').strip()}"


def _overrun(error: LearnerError, limits: Limits) -> tuple[Status, str]:
    """The status and the limit that an exception indicates; FAILED and "" for any other."""
    if "MemoryError" in error.types or "can't allocate memory" in error.message:
        return Status.OUT_OF_MEMORY, f"memory ({limits.memory_mib} MiB)"
    if "No space left" in error.message or "File too large" in error.message:
        return (
            Status.OUT_OF_SPACE,
            f"files ({limits.scratch_mib} MiB, {limits.scratch_files} files)",
        )
    if "can't start new thread" in error.message or "BlockingIOError" in error.types:
        return Status.TOO_MANY_PROCESSES, f"processes (one, of {limits.processes} threads)"
    return Status.FAILED, ""


def _definition(source: Path, call: str) -> int:
    """The number of the line that defines the function of a call (1 when it is not found)."""
    name = call.partition("(")[0]
    lines = _lines(source)
    pattern = re.compile(rb"\s*(async\s+)?def\s+" + re.escape(name.encode()) + rb"\b")
    found = [number for number, line in enumerate(lines, start=1) if pattern.match(line)]
    return found[-1] if found else 1  # a later definition replaces an earlier one


def _lines(source: Path) -> list[bytes]:
    """The lines of a file; none when it cannot be read."""
    try:
        return source.read_bytes().splitlines()
    except OSError:
        return []
