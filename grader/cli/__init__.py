"""The command line: one verb, one small function, no logic."""

import sys

from grader.cli import instructor, kit, learner  # each registers its verbs
from grader.cli.common import KIT_FAULT, USER_MISTAKE, app, say
from grader.errors import KitError, UserError

__all__ = ["instructor", "kit", "learner", "main"]


def main() -> None:
    """Run the command line; a foreseen failure is one line, not a traceback."""
    try:
        app()
    except UserError as error:
        say(str(error))
        sys.exit(USER_MISTAKE)
    except KitError as error:
        say(str(error))
        sys.exit(KIT_FAULT)
