"""Nothing of the user's changes which checks run, or how."""

from pathlib import Path

import pytest

from tests.support.corpus import stub, verdicts


@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTEST_ADDOPTS", "-v"), ("PYTEST_ADDOPTS", "--maxfail=1"), ("PYTEST_PLUGINS", "is_missing")],
)
def test_the_users_environment_changes_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    answer = stub("03")
    undisturbed = verdicts(answer, tmp_path)
    monkeypatch.setenv(name, value)
    assert verdicts(answer, tmp_path) == undisturbed
