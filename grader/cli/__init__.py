"""The command line: one verb, one small function, no logic."""

import sys
from importlib import import_module
from importlib.util import find_spec

from grader.cli.common import KIT_FAULT, USER_MISTAKE, app, say
from grader.common.errors import KitError, UserError
from grader.common.terminal import fit_streams

__all__ = ["main"]

for name in ("instructor", "learner", "kit", "author"):  # each registers its verbs
    if find_spec(f"{__name__}.{name}"):  # a learner's bundle has those for learners alone
        import_module(f"{__name__}.{name}")


def main() -> None:
    """Run the command line; a foreseen failure is one line, not a traceback."""
    fit_streams()
    try:
        app()
    except UserError as error:
        say(str(error))
        sys.exit(USER_MISTAKE)
    except KitError as error:
        say(str(error))
        sys.exit(KIT_FAULT)
