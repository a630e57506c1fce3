"""Nothing that a runner may read leads to a secret, whatever its path, wherever the kit is."""

from pathlib import Path

import pytest

from grader.sandbox import readable


def leads_to(path: Path, secret: Path) -> bool:
    """Whether reading everything in a path would read a secret."""
    return secret.is_relative_to(path.resolve()) or path.resolve().is_relative_to(secret)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virtual environment in which the kit is installed, with links as `python -m venv` makes."""
    site = tmp_path / "lib" / "python3" / "site-packages"
    for name in ("torch/lib", "solutions", *(f"grader/{room}" for room in readable.ROOMS)):
        path = site / name
        (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
    for name in ("torch/lib/a.so", "solutions/head.py", "grader/checks/test_03_head.py"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).touch()
    (tmp_path / "lib64").symlink_to("lib")
    (tmp_path / "lib" / "upwards").symlink_to("..")
    (site / "torch" / "checks").symlink_to("../grader/checks")
    monkeypatch.setattr(readable, "KIT", site / "grader")
    monkeypatch.setattr(readable, "libraries", lambda: [tmp_path])
    return tmp_path


def test_links_lead_to_no_secret(environment: Path) -> None:
    paths = readable.readable_paths()
    site = environment / "lib" / "python3" / "site-packages"
    for secret in ("solutions", "grader/checks", "grader/judge", "grader/grading"):
        assert not [path for path in paths if leads_to(path, site / secret)], secret


def test_libraries_and_rooms_stay_readable(environment: Path) -> None:
    paths = readable.readable_paths()
    site = environment / "lib" / "python3" / "site-packages"
    for name in ("torch/lib", "grader/runner", "grader/jupyter.py", "grader/learner/figures"):
        assert [path for path in paths if (site / name).is_relative_to(path.resolve())], name


def test_on_this_system_nothing_leads_to_a_secret() -> None:
    kit = readable.KIT.resolve()
    secrets = [kit.parent / "solutions", *(kit / name for name in ("checks", "judge", "grading"))]
    for secret in secrets:
        assert not [path for path in readable.readable_paths() if leads_to(path, secret)], secret
