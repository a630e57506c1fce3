"""`grader doctor`: whether a learner can work on this machine, and how to fix what is wrong."""
