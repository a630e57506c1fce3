"""Downloads from a server that breaks off, lies and refuses give complete files, or none."""

import hashlib
import random
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from grader.common.errors import DownloadFailed, UserError
from grader.materials.download import Downloads, Patience
from grader.materials.wanted_files import FileState, Wanted, inspect
from tests.support.web_server import Site, serve

CONTENT = random.Random(0).randbytes(300_000)
HURRIED = Patience(seconds=5, tries=4, pause=0)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(Site({"/w.pth": CONTENT})) as served:
        yield served


@pytest.fixture
def wanted(site: Site, tmp_path: Path) -> Wanted:
    digest = hashlib.sha256(CONTENT).hexdigest()[:8]
    urls = (site.url("/w.pth"),)
    return Wanted("weights", tmp_path / "hub", "w.pth", urls, "sha256", digest, len(CONTENT))


def fetch(wanted: Wanted, downloads: Downloads | None = None) -> list[int]:
    """Download a file; returns the reported numbers of bytes."""
    told: list[int] = []

    def on_bytes(count: int) -> None:
        assert not wanted.path.exists()  # it appears at the end, complete
        told.append(count)

    (downloads or Downloads(HURRIED)).fetch(wanted, on_bytes)
    return told


def part(wanted: Wanted, content: bytes) -> Path:
    path = wanted.path.with_name(f"{wanted.name}.part")
    path.parent.mkdir()
    path.write_bytes(content)
    return path


def assert_whole(wanted: Wanted) -> None:
    assert wanted.path.read_bytes() == CONTENT
    assert inspect(wanted) is FileState.PRESENT
    assert [path.name for path in wanted.folder.iterdir()] == [wanted.name]  # no part, no lock


def assert_failed(wanted: Wanted, reason: str, *, left: list[str] | None = None) -> None:
    with pytest.raises(DownloadFailed, match=reason) as raised:
        fetch(wanted)
    assert "\n" not in str(raised.value)
    assert [path.name for path in wanted.folder.iterdir()] == (left or [])


def test_a_file_arrives_whole(site: Site, wanted: Wanted) -> None:
    told = fetch(wanted)
    assert_whole(wanted)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, len(CONTENT))
    assert site.asked == ["/w.pth"]


def test_an_interrupted_download_resumes(site: Site, wanted: Wanted) -> None:
    site.cuts = [100_000, 50_000, 0]
    fetch(wanted)
    assert_whole(wanted)
    assert site.asked == ["/w.pth"] + [f"/w.pth from {n}" for n in (100_000, 150_000, 150_000)]


def test_a_file_of_unannounced_size_resumes_too(site: Site, wanted: Wanted) -> None:
    site.chunked, site.cuts = True, [100_000]
    fetch(wanted)
    assert_whole(wanted)
    assert len(site.asked) == 2


def test_the_next_call_resumes_after_a_stop(site: Site, wanted: Wanted) -> None:
    def stop(count: int) -> None:
        if count > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Downloads(HURRIED).fetch(wanted, stop)
    assert not wanted.path.exists()
    kept = (wanted.folder / "w.pth.part").stat().st_size
    assert kept > 0
    assert fetch(wanted)[0] == kept
    assert_whole(wanted)
    assert site.asked == ["/w.pth", f"/w.pth from {kept}"]


def test_a_server_without_ranges_sends_everything_again(site: Site, wanted: Wanted) -> None:
    site.ranges, site.cuts = False, [100_000]
    fetch(wanted)
    assert_whole(wanted)


def test_a_part_that_is_already_complete_needs_one_request(site: Site, wanted: Wanted) -> None:
    part(wanted, CONTENT)
    fetch(wanted)
    assert_whole(wanted)
    assert site.asked == [f"/w.pth from {len(CONTENT)}"]


@pytest.mark.parametrize("old", [b"x" * 1000, b"x" * len(CONTENT), b"x" * 400_000])
def test_a_part_of_another_file_is_discarded(wanted: Wanted, old: bytes) -> None:
    part(wanted, old)
    fetch(wanted)
    assert_whole(wanted)


def test_wrong_bytes_are_deleted_and_reported(site: Site, wanted: Wanted) -> None:
    site.content["/w.pth"] = b"<html>Log in</html>"
    assert_failed(wanted, f"{site.address}: what it sent has the wrong hash and was deleted")
    assert site.asked == ["/w.pth"]  # the same answer again would not help


def test_a_damaged_file_is_replaced(wanted: Wanted) -> None:
    wanted.folder.mkdir()
    wanted.path.write_bytes(CONTENT[:-1] + b"?")
    assert inspect(wanted) is FileState.DAMAGED
    Downloads(HURRIED).fetch(wanted, lambda count: None)
    assert_whole(wanted)


def test_a_file_that_is_not_there_is_asked_for_once(site: Site, wanted: Wanted) -> None:
    site.content.clear()
    assert_failed(wanted, f"{site.address}: HTTP 404 Not Found")
    assert len(site.asked) == 1


def test_a_temporary_error_is_retried(site: Site, wanted: Wanted) -> None:
    site.errors = [503, 429, 500]
    fetch(wanted)
    assert_whole(wanted)


def test_tries_are_counted(site: Site, wanted: Wanted) -> None:
    site.cuts = [1000] + [0] * 20
    assert_failed(wanted, "the connection broke off after 1000 of 300000", left=["w.pth.part"])
    assert len(site.asked) == HURRIED.tries


def test_mirrors_are_tried_in_order(site: Site, wanted: Wanted) -> None:
    site.content["/bad.pth"] = b"bad"
    urls = tuple(map(site.url, ("/gone.pth", "/bad.pth", "/w.pth", "/never.pth")))
    fetch(replace(wanted, urls=urls))
    assert_whole(wanted)
    assert site.asked == ["/gone.pth", "/bad.pth", "/w.pth"]


def test_a_mirror_resumes_what_another_one_began(site: Site, wanted: Wanted) -> None:
    site.cuts = [1000, 0, 0, 0]
    site.content["/mirror.pth"] = CONTENT
    fetch(replace(wanted, urls=(*wanted.urls, site.url("/mirror.pth"))))
    assert_whole(wanted)
    assert site.asked[-1] == "/mirror.pth from 1000"


@pytest.mark.parametrize("chunked", [False, True])
def test_nothing_larger_than_announced_is_taken(site: Site, wanted: Wanted, chunked: bool) -> None:
    site.chunked = chunked
    small = replace(wanted, size=100_000)
    with pytest.raises(DownloadFailed, match=r"the file has 0\.1"):
        fetch(small)
    left = sum(path.stat().st_size for path in wanted.folder.iterdir())
    assert left <= (2 * small.size if chunked else 0)
    assert len(site.asked) == 1


def test_another_part_than_asked_for_is_refused(site: Site, wanted: Wanted) -> None:
    site.shifted = 1
    part(wanted, CONTENT[:1000])
    assert_failed(wanted, "a different part of the file", left=["w.pth.part"])


def test_a_server_that_is_not_there_is_given_up_soon(wanted: Wanted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gone = f"127.0.0.1:{taken.getsockname()[1]}"
    downloads = Downloads(HURRIED)
    absent = replace(wanted, urls=(f"http://{gone}/w.pth",))
    with pytest.raises(DownloadFailed, match=f"{gone}: does not answer"):
        fetch(absent, downloads)
    with pytest.raises(DownloadFailed, match="not tried again"):
        fetch(absent, downloads)


def test_a_silent_server_is_given_up(wanted: Wanted) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/w.pth"
        downloads = Downloads(Patience(seconds=0.05, tries=4, pause=0))
        with pytest.raises(DownloadFailed, match=r"does not answer \(timeout\)"):
            fetch(replace(wanted, urls=(url,)), downloads)


def test_two_at_a_time_do_not_write_one_file(site: Site, wanted: Wanted) -> None:
    wanted.folder.mkdir()
    with (
        FileLock(wanted.folder / ".w.pth.lock"),
        pytest.raises(UserError, match="by another process"),
    ):
        fetch(wanted)
    assert not site.asked
    fetch(wanted)
    assert_whole(wanted)


def test_a_place_that_cannot_be_written_is_one_line(wanted: Wanted, tmp_path: Path) -> None:
    (tmp_path / "hub").write_text("a file, not a folder")
    with pytest.raises(UserError, match="cannot be written") as raised:
        fetch(wanted)
    assert "\n" not in str(raised.value)
