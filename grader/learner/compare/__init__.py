"""`grader compare 03`: the learner's functions beside the reference's, on the same inputs.

- `scene` is one look at a function and the facts that it finds; `scenes/` holds those of every
  exercise, in a module with the name of the exercise's.
- `sides` runs scenes on one file, `table` prints what two sides found, `sources` the difference of
  their texts with the reasons of the reference, `run` is the whole.
"""

from grader.learner.compare.run import Settings, compare
from grader.learner.compare.scene import LABELS

__all__ = ["LABELS", "Settings", "compare"]
