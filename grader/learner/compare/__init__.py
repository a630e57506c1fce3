"""`grader compare 03`: the learner's functions beside the reference's, on the same inputs.

- `scene` defines scenes: a scene calls a function on one input and yields facts about the result.
  `scenes/` has a module for each exercise, named like the exercise's own module.
- `sides` runs the scenes on one file, `table` prints the facts of both sides, and `sources` shows
  the difference between the two source files with the reference's comments. `run` puts it all
  together.
"""

from grader.learner.compare.run import Settings, compare
from grader.learner.compare.scene import LABELS

__all__ = ["LABELS", "Settings", "compare"]
