"""The adapter to nbgrader: collects submissions, grades them, and fills the gradebook."""
