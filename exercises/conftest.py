"""Gives every check the learner's module, and the learner a summary to act on."""

from pathlib import Path

import pytest

from grader.common.terminal import fit_streams
from grader.learner.pytest_summary import learner_run, quieten
from grader.learner.result_keeper import ResultKeeper


def pytest_configure(config: pytest.Config) -> None:
    """Register the run of the visible checks, and who keeps their results."""
    fit_streams()
    quieten(config)
    run = learner_run(Path(__file__).parent)
    config.pluginmanager.register(run)
    config.pluginmanager.register(ResultKeeper(run))
