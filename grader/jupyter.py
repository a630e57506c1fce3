"""Runs the visible checks in a learner's notebook, in its own kernel.

    from grader.jupyter import check
    check("03")

Each function is taken from the executed cell that defined it last; everything else that this cell
needs is taken from the kernel. The summary is that of `pytest exercises/03`.
"""

import sys
from typing import Final

NO_NOTEBOOK: Final = "`check` works only in a notebook; elsewhere run `pytest exercises/{number}`"


def check(number: str) -> None:
    """Run the visible checks of an exercise on the functions of this notebook.

    Args:
        number: the exercise's number.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        print(f"grader: {NO_NOTEBOOK.format(number=number)}")
        return
    from grader.learner.notebook_check import check_kernel  # imports pytest, which is slow

    check_kernel(number, shell.user_ns)
