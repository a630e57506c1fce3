"""What leaves the instructor's house: notebooks for nbgrader, bundles for learners."""
