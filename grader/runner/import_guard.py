"""Lets a submission import only the parts of the kit that lessons show.

The rest of the kit may change at any time, and most of it is missing when a class is graded. So
importing it fails everywhere, including visible checks and notebooks, with a clear ImportError.
This is a courtesy, not a security measure: the sandbox restricts what a submission can read.
"""

import builtins
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Final

KIT: Final = "grader"
ALLOWED: Final = (
    "grader.jupyter",
    "grader.learner.figures",
    "grader.materials.backbone",
    "grader.materials.garments",
)
REFUSED: Final = (
    "`{name}` is part of the kit that grades, and an answer may not use it; the only parts of the "
    "kit that it may import are {allowed}"
)


def guarded_builtins() -> dict[str, Any]:
    """Python's builtins for a learner's module, with an `import` that refuses most of the kit."""
    return {**vars(builtins), "__import__": _guarded_import}


def _guarded_import(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Python's own `__import__`, except that most of the kit cannot be imported."""
    if level == 0 and name.partition(".")[0] == KIT:
        for wanted in [f"{name}.{part}" for part in fromlist or ()] or [name]:
            if not any(f"{wanted}.".startswith(f"{allowed}.") for allowed in ALLOWED):
                shown = ", ".join(f"`{allowed}`" for allowed in ALLOWED)
                raise ImportError(REFUSED.format(name=wanted, allowed=shown))
    return builtins.__import__(name, globals, locals, fromlist or (), level)
