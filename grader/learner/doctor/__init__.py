"""`grader doctor`: whether a learner can work on this machine, and what to do where not."""
