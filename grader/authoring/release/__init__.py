"""Releases a course: notebooks for nbgrader, and bundles for learners."""
