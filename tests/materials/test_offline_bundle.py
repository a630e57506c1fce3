"""Bundles: the same bytes for the same files, and nothing hostile or damaged is ever unpacked."""

import hashlib
import json
import random
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.common.errors import UserError
from grader.materials.offline_bundle import MANIFEST, pack, unpack_bundle
from grader.materials.wanted_files import Wanted
from tests.materials.test_prepare import ARCHIVES, CONTENT, lay, settle, small, words

WEIGHTS = random.Random(0).randbytes(20_000)
PREFIX = hashlib.sha256(WEIGHTS).hexdigest()[:8]
WEIGHTS_NAME = f"net-{PREFIX}.pth"
RAW = "FashionMNIST/raw/"
PATIENT = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def wanted_in(folder: Path) -> list[Wanted]:
    """Five files of a course, on a machine whose folders are all below one."""
    weights = Wanted(
        "weights", folder / "hub", WEIGHTS_NAME, (), "sha256", PREFIX, len(WEIGHTS) + 500
    )
    return [*small(folder), weights]


def fill(files: Sequence[Wanted], *, packed: bool = False) -> None:
    lay(list(files[:-1]), packed=packed)
    files[-1].path.parent.mkdir(parents=True, exist_ok=True)
    files[-1].path.write_bytes(WEIGHTS)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """The empty folder of the machine without a network."""
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    files = wanted_in(tmp_path / "here")
    fill(files, packed=True)
    pack(tmp_path / "bundle.zip", files)
    return tmp_path / "bundle.zip"


@pytest.mark.parametrize("packed", [False, True])
def test_what_was_packed_arrives(tmp_path: Path, there: Path, packed: bool) -> None:
    here = wanted_in(tmp_path / "here")
    fill(here, packed=packed)
    pack(tmp_path / "bundle.zip", here)
    files = wanted_in(there)
    assert set(unpack_bundle(tmp_path / "bundle.zip", files)) == set(files)
    assert words(settle(files, online=False)) == ["present"] * 5
    assert tree(there) == tree(tmp_path / "here")


def test_the_same_files_give_the_same_bytes(tmp_path: Path, bundle: Path) -> None:
    files = wanted_in(tmp_path / "elsewhere")
    fill(files, packed=True)
    pack(tmp_path / "again.zip", files[::-1])
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()
    with ZipFile(bundle) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def test_a_bundle_replaces_an_earlier_one_whole(tmp_path: Path, bundle: Path) -> None:
    before = bundle.read_bytes()
    with pytest.raises(UserError, match="cannot be read"):
        pack(bundle, wanted_in(tmp_path / "nothing"))
    assert bundle.read_bytes() == before
    with pytest.raises(UserError, match="cannot be written"):
        pack(tmp_path / "no" / "folder" / "bundle.zip", [])


def test_a_file_that_changes_meanwhile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = wanted_in(tmp_path / "here")
    fill(files)
    digest_before = hashlib.sha256(b"before")
    monkeypatch.setattr(hashlib, "file_digest", lambda file, algorithm: digest_before)
    with pytest.raises(UserError, match="changed while it was packed"):
        pack(tmp_path / "bundle.zip", files)
    assert not list(tmp_path.glob("*.zip*"))


def test_what_is_there_and_whole_stays(bundle: Path, there: Path) -> None:
    files = wanted_in(there)
    fill(files, packed=True)
    before = {path: path.stat().st_mtime_ns for path in there.rglob("*")}
    assert unpack_bundle(bundle, files) == []
    assert {path: path.stat().st_mtime_ns for path in there.rglob("*")} == before


def test_what_is_damaged_is_replaced(bundle: Path, there: Path) -> None:
    files = wanted_in(there)
    fill(files, packed=True)
    files[-1].path.write_bytes(WEIGHTS[:-1])
    assert unpack_bundle(bundle, files) == [files[-1]]
    assert files[-1].path.read_bytes() == WEIGHTS


def test_a_course_without_files_has_an_empty_bundle(tmp_path: Path) -> None:
    pack(tmp_path / "empty.zip", [])
    assert unpack_bundle(tmp_path / "empty.zip", []) == []


# -------------------------------------------------------------------------- bad bundles


def entry(kind: str, name: str, content: bytes, **changed: Any) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"kind": kind, "name": name, "size": len(content), "sha256": digest, **changed}


def write(
    path: Path,
    members: Sequence[tuple[ZipInfo | str, bytes]],
    manifest: object,
    *,
    compression: int = ZIP_STORED,
) -> Path:
    """A bundle as an enemy writes it, by hand."""
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with ZipFile(path, "w", compression) as archive:
        archive.writestr(MANIFEST, text)
        for name, content in members:
            archive.writestr(name, content)
    return path


def listing(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "files": list(entries)}


def special(name: str, mode: int) -> ZipInfo:
    info = ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def refusal(path: Path, there: Path) -> str:
    """Why a bundle is not unpacked; empty when it is."""
    try:
        unpack_bundle(path, wanted_in(there))
    except UserError as error:
        return str(error)
    return ""


def assert_refused(path: Path, there: Path, reason: str) -> None:
    everything = tree(there.parent)
    message = refusal(path, there)
    assert re.search(reason, message), message
    assert message.isprintable()  # one line, without control characters
    assert len(message) < 400
    assert tree(there.parent) == everything
    assert not list(there.iterdir())


GOOD = entry("weights", WEIGHTS_NAME, WEIGHTS)
MEMBER = f"weights/{WEIGHTS_NAME}"


def test_the_hand_written_bundle_would_be_good(tmp_path: Path, there: Path) -> None:
    path = write(tmp_path / "b.zip", [(MEMBER, WEIGHTS)], listing(GOOD))
    files = wanted_in(there)
    assert unpack_bundle(path, files) == [files[-1]]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/cron.d/x",
        "../../x",
        "data/../../x",
        f"../{WEIGHTS_NAME}",
        f"./{WEIGHTS_NAME}",
        f"C:\\{WEIGHTS_NAME}",
        f"..\\{WEIGHTS_NAME}",
        f"{WEIGHTS_NAME}/",
        f"{WEIGHTS_NAME}\x1b[2J",
        "x" * 60_000,
        "",
    ],
)
def test_no_name_leads_anywhere_else(tmp_path: Path, there: Path, name: str) -> None:
    member = f"weights/{name}"
    path = write(tmp_path / "b.zip", [(member, WEIGHTS)], listing({**GOOD, "name": name}))
    assert_refused(path, there, "does not name|not a regular file")


@PATIENT
@given(
    name=st.text(min_size=1, max_size=30)
    | st.lists(st.sampled_from(["..", ".", "/", "\\", "C:", WEIGHTS_NAME, "raw"])).map("/".join)
)
@example(name=f"{WEIGHTS_NAME}\0.exe")
def test_any_other_name_is_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    if name == WEIGHTS_NAME:
        return
    folder = tmp_path_factory.mktemp("b")
    (folder / "there").mkdir()
    manifest = listing({**GOOD, "name": name})
    try:
        path = write(folder / "b.zip", [(f"weights/{name}", WEIGHTS)], manifest)
    except UnicodeEncodeError:
        return  # a lone surrogate: no such bundle can be written
    assert_refused(path, folder / "there", "not a usable bundle")


@pytest.mark.parametrize(
    "mode", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_only_regular_files_are_taken(tmp_path: Path, there: Path, mode: int) -> None:
    info = special(MEMBER, mode | 0o777)
    path = write(tmp_path / "b.zip", [(info, WEIGHTS)], listing(GOOD))
    assert_refused(path, there, "not a regular file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path: Path, there: Path) -> None:
    path = write(tmp_path / "b.zip", [(MEMBER, WEIGHTS), (MEMBER, b"evil")], listing(GOOD))
    assert_refused(path, there, "contains a name twice")
    path = write(tmp_path / "b.zip", [(MEMBER, WEIGHTS)], listing(GOOD, GOOD))
    assert_refused(path, there, "exactly what its manifest.json lists")


def test_an_archive_and_its_content_are_one_file(tmp_path: Path, there: Path) -> None:
    name = f"{RAW}t10k-labels-idx1-ubyte"
    packed, plain = ARCHIVES["t10k-labels-idx1-ubyte.gz"], CONTENT["t10k-labels-idx1-ubyte"]
    entries = listing(entry("data", f"{name}.gz", packed), entry("data", name, plain))
    members = [(f"data/{name}.gz", packed), (f"data/{name}", plain)]
    assert_refused(write(tmp_path / "b.zip", members, entries), there, "packed and unpacked")


@pytest.mark.parametrize(
    ("members", "entries"),
    [
        ([], [GOOD]),
        ([(MEMBER, WEIGHTS)], []),
        ([(MEMBER, WEIGHTS), ("data/evil.py", b"x")], [GOOD]),
        ([(MEMBER, WEIGHTS)], [{**GOOD, "kind": "data"}]),
    ],
)
def test_the_manifest_lists_everything(
    tmp_path: Path, there: Path, members: list[tuple[str, bytes]], entries: list[dict[str, Any]]
) -> None:
    path = write(tmp_path / "b.zip", members, listing(*entries))
    assert_refused(path, there, "exactly what its manifest.json lists")


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b'{"version": 1}',
        {"version": 2, "files": [GOOD]},
        {"version": 1, "files": [GOOD], "run": "rm"},
        listing({**GOOD, "path": "/etc/passwd"}),
        listing({**GOOD, "kind": "/etc"}),
        listing({**GOOD, "size": -1}),
        listing({**GOOD, "size": "20000"}),
        listing({**GOOD, "size": 2e4}),
        listing({**GOOD, "sha256": ""}),
        listing({**GOOD, "sha256": GOOD["sha256"] + "\n"}),
        listing({**GOOD, "\x1b[2J": "x" * 500}),
        json.dumps(listing(GOOD)).encode() + b" " * (3 << 19),
    ],
)
def test_the_manifest_is_checked(tmp_path: Path, there: Path, manifest: object) -> None:
    path = write(tmp_path / "b.zip", [(MEMBER, WEIGHTS)], manifest)
    assert_refused(path, there, r"manifest\.json")


def test_weights_listed_as_data_are_refused(tmp_path: Path, there: Path) -> None:
    member = f"data/{WEIGHTS_NAME}"
    path = write(tmp_path / "b.zip", [(member, WEIGHTS)], listing({**GOOD, "kind": "data"}))
    assert_refused(path, there, "does not name")


def test_a_bundle_without_a_manifest_is_refused(tmp_path: Path, there: Path) -> None:
    with ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(MEMBER, WEIGHTS)
    assert_refused(tmp_path / "b.zip", there, r"no manifest\.json")


def test_sizes_are_bounded_by_the_manifest_and_the_course(tmp_path: Path, there: Path) -> None:
    path = write(tmp_path / "b.zip", [(MEMBER, WEIGHTS)], listing({**GOOD, "size": 19_999}))
    assert_refused(path, there, "has the wrong size")
    large = WEIGHTS + bytes(501)
    entries = listing(entry("weights", WEIGHTS_NAME, large))
    assert_refused(
        write(tmp_path / "b.zip", [(MEMBER, large)], entries), there, "has the wrong size"
    )
    (tmp_path / "b.zip").write_bytes(bytes(60 << 20))
    assert_refused(tmp_path / "b.zip", there, "larger than all")


def test_a_bomb_is_not_unpacked(tmp_path: Path, there: Path) -> None:
    bomb = bytes(len(WEIGHTS))
    entries = listing(entry("weights", WEIGHTS_NAME, bomb))
    path = write(tmp_path / "b.zip", [(MEMBER, bomb)], entries, compression=ZIP_DEFLATED)
    assert_refused(path, there, "compressed or encrypted")


def test_hashes_are_those_of_the_manifest_and_of_the_course(tmp_path: Path, there: Path) -> None:
    evil = WEIGHTS[:-1] + b"!"
    path = write(tmp_path / "b.zip", [(MEMBER, evil)], listing(GOOD))
    assert_refused(path, there, "does not match its hash in manifest.json")
    path = write(
        tmp_path / "b.zip", [(MEMBER, evil)], listing(entry("weights", WEIGHTS_NAME, evil))
    )
    assert_refused(path, there, "does not match the hash of the file that this course names")
    name = f"{RAW}t10k-labels-idx1-ubyte.gz"
    evil = ARCHIVES["t10k-labels-idx1-ubyte.gz"][:-1] + b"!"
    path = write(tmp_path / "b.zip", [(f"data/{name}", evil)], listing(entry("data", name, evil)))
    assert_refused(path, there, "does not match the hash of the file that this course names")


def test_unpacked_data_has_the_right_form(tmp_path: Path, there: Path) -> None:
    name = f"{RAW}t10k-labels-idx1-ubyte"
    evil = b"import os" * 3
    path = write(tmp_path / "b.zip", [(f"data/{name}", evil)], listing(entry("data", name, evil)))
    assert_refused(path, there, "no garment images or labels")


def test_one_bad_file_leaves_the_good_ones_unwritten(tmp_path: Path, there: Path) -> None:
    name = f"{RAW}t10k-labels-idx1-ubyte"
    evil = b"import os" * 3
    members = [(MEMBER, WEIGHTS), (f"data/{name}", evil)]
    path = write(tmp_path / "b.zip", members, listing(GOOD, entry("data", name, evil)))
    assert_refused(path, there, "no garment images or labels")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: b"PK",
        lambda content: b"<html>404</html>",
        lambda content: content[:-1000],
        lambda content: content[len(content) // 2 :],
        lambda content: content.replace(b"PK\x01\x02", b"PK\x01\x03"),
    ],
)
def test_a_file_of_something_else_is_one_line(
    bundle: Path, there: Path, spoil: Callable[[bytes], bytes]
) -> None:
    bundle.write_bytes(spoil(bundle.read_bytes()))
    assert_refused(bundle, there, "not a usable bundle")


def test_a_bundle_that_is_not_there_is_one_line(tmp_path: Path, there: Path) -> None:
    assert_refused(tmp_path / "nowhere.zip", there, "No such file")
    assert_refused(tmp_path, there, "Is a directory")


@PATIENT
@given(data=st.data())
def test_whatever_is_flipped_the_files_are_right_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Damage in headers, manifest, content or directory: never another exception, never a file."""
    folder = tmp_path_factory.mktemp("b")
    there = folder / "there"
    path = write(folder / "b.zip", [(MEMBER, WEIGHTS)], listing(GOOD))
    content = bytearray(path.read_bytes())
    middle = range(600, len(content) - 200)  # inside the weights, where all bytes are treated alike
    places = [place for place in range(len(content)) if place not in middle]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=4, unique=True)):
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert refusal(path, there).isprintable()
    assert set(tree(there).values()) <= {WEIGHTS}


def test_what_does_not_fit_on_the_disk_is_not_half_there(bundle: Path, tmp_path: Path) -> None:
    files = [replace(w, folder=tmp_path / "file" / "below") for w in wanted_in(tmp_path / "x")]
    (tmp_path / "file").write_text("a file, not a folder")
    with pytest.raises(UserError, match="cannot be written: Not a directory"):
        unpack_bundle(bundle, files)
