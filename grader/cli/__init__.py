"""The command line: each verb is a small function without logic of its own."""

import sys
from importlib import import_module
from importlib.util import find_spec

from grader.cli.common import KIT_FAULT, USER_MISTAKE, app, say
from grader.common.errors import KitError, UserError
from grader.common.terminal import fit_streams

__all__ = ["main"]

for name in ("instructor", "learner", "kit", "author"):  # each registers its verbs
    if find_spec(
        f"{__name__}.{name}"
    ):  # a learner's bundle has only the learner's and the kit's verbs
        import_module(f"{__name__}.{name}")


def main() -> None:
    """Run the command line; an expected error is printed as one line, without a traceback."""
    fit_streams()
    try:
        app()
    except UserError as error:
        say(str(error))
        sys.exit(USER_MISTAKE)
    except KitError as error:
        say(str(error))
        sys.exit(KIT_FAULT)
