"""Times of submissions: zones count, and what names no time is no time."""

from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.utils import parse_utc

from grader.grading.classroom import SubmittedFolder
from grader.nbgrader.collect import collect
from grader.nbgrader.times import parse_time, read_time
from tests.support.corpus import course

NOON = datetime(2026, 1, 31, 12, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31 12:30:00 UTC",
        "2026-01-31 12:30:00.000000 UTC",
        "2026-01-31 12:30:00",
        "2026-01-31T12:30Z",
        "2026-01-31 07:30:00 -0500",
        "2026-01-31 18:00:00 +0530",
        "2026-01-31T13:30:00+01:00",
        "2026-01-31 13:30:00+01",
        "2026-01-31 13:30:00 Europe/Berlin",
        "2026-01-31 07:30:00 EST",
        "Sat, 31 Jan 2026 13:30:00 +0100",
        "Sat, 31 Jan 2026 12:30:00 GMT",
        "31 Jan 2026 07:30 EST",
        "2026-01-31 07:30:00 Etc/GMT+5",
        "  2026-01-31  12:30:00   UTC\n",
    ],
)
def test_the_same_time_in_all_its_forms(text: str) -> None:
    assert parse_time(text.encode()) == NOON


def test_an_hour_that_comes_twice_is_the_first() -> None:
    assert parse_time(b"2026-10-25 02:30:00 Europe/Berlin") == datetime(2026, 10, 25, 0, 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12:30",
        "2026-01-31",
        "01/02/2026 12:30",
        "31.01.2026 12:30",
        "2026-01-31 12:30 Middle/Earth",
        "2026-01-31 12:30 IST",  # India, Ireland or Israel
        "2026-01-31 12:30 ../../etc/passwd",
        "2026-01-31 12:30 Europe",
        "2026-01-31 25:30:00 UTC",
        "2026-02-31 12:30:00 UTC",
        "2026-01-31 12:30:00 +9999",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "Sat, 99 Jan 2026 12:30:00 +0100",
        "Sat, 31 Jan 2026",
        "Sat, 31 Jan 2026 12:30:00 IST",
        "yesterday, I think",
        "2026 " * 100,
        "\0",
    ],
)
def test_what_names_no_time_is_reported(text: str, tmp_path: Path) -> None:
    (tmp_path / "timestamp.txt").write_text(text)
    found = read_time(tmp_path)
    assert found.time is None
    assert "contains no valid time: the submission counts as on time" in found.problem


def test_collecting_writes_a_form_that_nbgrader_reads_right(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "anna" / "03"
    folder.mkdir(parents=True)
    (folder / "head.py").write_text("x = 1")
    for number, (text, kept) in enumerate(
        [
            ("2026-01-31 07:30:00 -0500", NOON),
            ("31 Jan 2026 13:30 +0100", NOON),
            ("2026-01-31 12:30 Europe", None),
        ]
    ):
        (folder / "timestamp.txt").write_text(text)
        into = tmp_path / f"submitted {number}"
        collect(course(), SubmittedFolder("anna", "03", folder), into, update=False)
        written = (into / "anna" / "03" / "timestamp.txt").read_text()
        assert (parse_utc(written) if kept else written) == (kept or text)
