"""Gives every check the learner's module, and the learner a summary to act on."""

from pathlib import Path

import pytest

from grader.learner import learner_run, quieten


def pytest_configure(config: pytest.Config) -> None:
    """Register the run of the visible checks."""
    quieten(config)
    config.pluginmanager.register(learner_run(Path(__file__).parent))
