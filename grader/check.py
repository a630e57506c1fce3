"""The names that the author of a check imports.

@check("swap_head.output_shape", weight=2, needs=["swap_head.returns_model"])
def test_output_shape(submission):
    \"\"\"The sentence that learners read.\"\"\"
"""

from grader.common.errors import KitError
from grader.judge.expectations import Mismatch, expect, number, pair, tensor
from grader.judge.handles import Handle, Model, handle
from grader.judge.markers import Record, check, for_all
from grader.judge.submission import LearnerError, Submission

__all__ = [
    "Handle",
    "KitError",
    "LearnerError",
    "Mismatch",
    "Model",
    "Record",
    "Submission",
    "check",
    "expect",
    "for_all",
    "handle",
    "number",
    "pair",
    "tensor",
]
