"""What a notebook imports: the visible checks, run in the learner's own kernel.

    from grader.jupyter import check
    check("03")

The functions are those of the cell that defined them last; what that cell needs from others, it
finds in the kernel. The summary is the one of `pytest exercises/03`.
"""

import sys
from typing import Final

NO_NOTEBOOK: Final = "`check` works in a notebook; elsewhere it is `pytest exercises/{number}`"


def check(number: str) -> None:
    """Run the visible checks of an exercise on the functions of this notebook.

    Args:
        number: of the exercise.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        print(f"grader: {NO_NOTEBOOK.format(number=number)}")
        return
    from grader.learner.notebook_check import check_kernel  # with pytest, which takes its time

    check_kernel(number, shell.user_ns)
