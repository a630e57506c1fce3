"""`grader prepare`: which files a course needs, which are there, and getting the rest."""

import gzip
import hashlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torchvision.datasets import FashionMNIST
from torchvision.models import WeightsEnum, get_model, get_model_weights, list_models

from grader.common.errors import UserError
from grader.course.settings import Backbone, Course, Data
from grader.materials.download import Downloads, Patience
from grader.materials.garments import draw_garments
from grader.materials.images import load_images
from grader.materials.prepare import Settled, settle_all
from grader.materials.wanted_files import MIB, FileState, Wanted, inspect, needs, unpack
from tests.grading.test_grade_class import grader
from tests.materials.test_real_data import SAMPLE, needs_sample
from tests.support.corpus import ROOT, course, solution
from tests.support.warm_python import run_module
from tests.support.web_server import Site, serve

COUNTS = {"train": 40, "t10k": 20}
REAL = ("{source: embedded,", "{source: fashion-mnist,")
IMAGENET = (
    "{name: efficientnet_lite0, weights: DEFAULT}",
    "{name: resnet18, weights: IMAGENET1K_V1}",
)
SQUEEZENET = (IMAGENET[0], "{name: squeezenet1_1, weights: IMAGENET1K_V1}")


def idx(part: str) -> dict[str, bytes]:
    """A few drawn garments in Fashion-MNIST's own files: unpacked content by name."""
    count = COUNTS[part]
    images, labels = draw_garments(count, seed=count)
    shape = b"".join(n.to_bytes(4, "big") for n in (count, 28, 28))
    return {
        f"{part}-images-idx3-ubyte": b"\0\0\x08\x03" + shape + images.numpy().tobytes(),
        f"{part}-labels-idx1-ubyte": b"\0\0\x08\x01" + shape[:4] + bytes(labels.tolist()),
    }


CONTENT = {**idx("train"), **idx("t10k")}
ARCHIVES = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in CONTENT.items()}


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty hub cache, also for the command line; this machine's proxies are left out."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(Site({f"/{name}": content for name, content in ARCHIVES.items()})) as served:
        yield served


def real_course(root: Path, backbone: Backbone | None = None) -> Course:
    changed: dict[str, object] = {"data": Data(source="fashion-mnist"), "root": root}
    return course().model_copy(update=changed | ({"backbone": backbone} if backbone else {}))


def small(root: Path, site: Site | None = None) -> list[Wanted]:
    """What a course with Fashion-MNIST needs, with a few drawn images instead of 70,000."""
    return [
        replace(
            wanted,
            urls=(site.url(f"/{wanted.path.name}"),) if site else (),
            digest=hashlib.md5(ARCHIVES[wanted.path.name]).hexdigest(),
            size=len(ARCHIVES[wanted.path.name]),
        )
        for wanted in needs(real_course(root))
    ]


def settle(files: list[Wanted], *, online: bool = True) -> list[Settled]:
    downloads = Downloads(Patience(seconds=5, tries=2, pause=0)) if online else None
    return list(settle_all(files, downloads, lambda wanted: lambda count: None))


def words(outcomes: list[Settled]) -> list[str]:
    return [outcome.word for outcome in outcomes]


def lay(files: list[Wanted], *, packed: bool = False) -> None:
    for wanted in files:
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
        wanted.read_path.write_bytes(CONTENT[wanted.read_path.name])
        if packed:
            wanted.path.write_bytes(ARCHIVES[wanted.path.name])


# ------------------------------------------------------------------------ what is needed


def test_the_embedded_tier_needs_nothing() -> None:
    assert needs(course()) == []


def test_fashion_mnist_is_torchvisions_own(tmp_path: Path) -> None:
    files = needs(real_course(tmp_path))
    assert [(w.path.name, w.digest) for w in files] == FashionMNIST.resources
    assert {w.urls[0].rpartition("/")[0] + "/" for w in files} == {FashionMNIST.mirrors[0]}
    assert {w.path.parent for w in files} == {tmp_path / "data" / "FashionMNIST" / "raw"}
    assert [w.unpacked for w in files] == [47_040_016, 60_008, 7_840_016, 10_008]


def test_weights_are_where_torchvision_looks(hub: Path) -> None:
    changed = {"backbone": Backbone(name="resnet18", weights="IMAGENET1K_V1")}
    [wanted] = needs(course().model_copy(update=changed))
    assert wanted.path == hub / "resnet18-f37072fd.pth"
    assert (wanted.algorithm, wanted.digest) == ("sha256", "f37072fd")
    assert wanted.size / MIB == pytest.approx(44.661, abs=0.002)


def test_every_entry_can_be_prepared_or_is_refused() -> None:
    """Four old entries of quantized models carry no hash in torch.hub's form."""
    refused = set()
    for name in list_models():
        for entry in get_model_weights(name):
            backbone = Backbone(name=name, weights=entry.name)
            changed = course().model_copy(update={"backbone": backbone})
            if any(old in entry.url for old in ("_fbgemm_", "_qnnpack_")):
                with pytest.raises(UserError, match="contains no hash"):
                    needs(changed)
                refused.add(entry.url)
            elif name == "efficientnet_lite0":
                assert needs(changed) == []  # it is installed with the kit
            else:
                [wanted] = needs(changed)
                assert len(wanted.digest) >= 8
                assert wanted.size < 3000 * MIB
    assert len(refused) < 5


def test_weights_that_a_package_brings_along_need_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class OwnWeights(WeightsEnum):
        PACKAGED_V1 = get_model_weights("resnet18").DEFAULT.value

        def get_state_dict(self, *args: object, **kwargs: object) -> dict[str, object]:
            return {}

    monkeypatch.setattr(
        "grader.materials.wanted_files.find_entry", lambda backbone: OwnWeights.PACKAGED_V1
    )
    assert needs(course()) == []


# ----------------------------------------------------------------------- what there is


def test_fresh_files_are_downloaded_unpacked_and_read(site: Site, tmp_path: Path) -> None:
    files = small(tmp_path, site)
    assert words(settle(files)) == ["downloaded"] * 4
    images, labels = load_images(real_course(tmp_path), 40, seed=1)
    assert images.shape == (40, 28, 28)
    assert labels.bincount().tolist() == [4] * 10
    asked = len(site.asked)
    assert words(settle(files)) == ["present"] * 4
    assert len(site.asked) == asked


def test_files_that_torchvision_downloaded_are_present(tmp_path: Path) -> None:
    files = small(tmp_path)
    lay(files, packed=True)
    assert {inspect(wanted) for wanted in files} == {FileState.PRESENT}


def test_unpacked_files_alone_are_used_and_told(tmp_path: Path) -> None:
    files = small(tmp_path)
    lay(files)
    outcomes = settle(files, online=False)
    assert words(outcomes) == ["present"] * 4
    assert all("not verified by a hash" in outcome.line for outcome in outcomes)


@pytest.mark.parametrize("content", [None, b"", b"cut off"])
def test_an_archive_is_unpacked_again(tmp_path: Path, content: bytes | None) -> None:
    files = small(tmp_path)
    lay(files, packed=True)
    if content is None:
        files[0].read_path.unlink()
    else:
        files[0].read_path.write_bytes(content)
    assert inspect(files[0]) is FileState.PACKED
    assert words(settle(files, online=False)) == ["present"] * 4
    assert files[0].read_path.read_bytes() == CONTENT[files[0].read_path.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: b"\0\0\x08\x04" + content[4:],
        lambda content: content[:8] + (14).to_bytes(4, "big") + (56).to_bytes(4, "big"),
        lambda content: b"<html>404</html>",
    ],
)
def test_damage_is_found_and_mended(site: Site, tmp_path: Path, damage: object) -> None:
    files = small(tmp_path, site)
    lay(files)
    damaged = files[0].read_path
    damaged.write_bytes(damage(damaged.read_bytes()))  # type: ignore[operator]
    offline = settle(files, online=False)
    assert words(offline) == ["damaged", "present", "present", "present"]
    assert offline[0].problem == f"{files[0].name} is damaged"
    assert words(settle(files))[0] == "downloaded"
    assert damaged.read_bytes() == CONTENT[damaged.name]


@pytest.mark.parametrize(
    ("axes", "good"),
    [
        ((10_000, 28, 28), True),
        ((1, 28, 28), True),
        ((0, 28, 28), False),
        ((10_001, 28, 28), False),
        ((2, 14, 28), False),
        ((2, 28), False),
        ((2,), False),
    ],
)
def test_the_form_of_images(tmp_path: Path, axes: tuple[int, ...], good: bool) -> None:
    head = bytes([0, 0, 8, len(axes)]) + b"".join(n.to_bytes(4, "big") for n in axes)
    [images] = [w for w in small(tmp_path) if "t10k-images" in w.name]
    assert images.is_well_formed(head, len(head) + math.prod(axes)) is good
    assert not images.is_well_formed(head, len(head) + math.prod(axes) + 1)
    assert not images.is_well_formed(head[:-1], len(head) + math.prod(axes))


def test_a_damaged_archive_is_not_unpacked(tmp_path: Path) -> None:
    files = small(tmp_path)
    lay(files, packed=True)
    files[1].path.write_bytes(files[1].path.read_bytes()[:-9] + b"123456789")
    assert words(settle(files, online=False))[1] == "damaged"


def test_one_file_that_cannot_be_had_does_not_stop_the_others(site: Site, tmp_path: Path) -> None:
    files = small(tmp_path, site)
    del site.content[f"/{files[1].path.name}"]
    outcomes = settle(files)
    assert words(outcomes) == ["downloaded", "missing", "downloaded", "downloaded"]
    assert outcomes[1].problem == f"{files[1].name} is missing: {site.address}: HTTP 404 Not Found"
    assert "\n" not in outcomes[1].line


def test_a_full_disk_while_unpacking_is_one_line(tmp_path: Path) -> None:
    [wanted, *_] = small(tmp_path)
    lay([wanted], packed=True)
    wanted.read_path.unlink()
    wanted.read_path.mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        unpack(wanted)
    assert {path.name for path in wanted.path.parent.iterdir()} == {
        wanted.path.name,
        wanted.read_path.name,
    }


# --------------------------------------------------------------------- the command line


def course_folder(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (ROOT / "course.yaml").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / "course.yaml").write_text(text, "utf-8")
    return folder


def prepare(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`grader prepare` on a machine without a network: its proxy does not exist."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = {**os.environ, **nowhere, "no_proxy": "", "NO_COLOR": "1", "COLUMNS": "80"}
    return run_module("grader", "prepare", *arguments, cwd=ROOT, env=environment)


def test_without_a_network_everything_embedded_is_ready() -> None:
    run = prepare()
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-1].startswith("Nothing to prepare")


def test_without_a_network_each_missing_file_is_a_line(tmp_path: Path, hub: Path) -> None:
    hub.mkdir(parents=True)
    (hub / "resnet18-f37072fd.pth").write_bytes(b"not these weights")
    run = prepare("--course", course_folder(tmp_path / "course", REAL, IMAGENET))
    assert run.returncode == 2, run.stderr
    *lines, last = run.stderr.splitlines()
    names = [name for name, _ in FashionMNIST.resources]
    assert [line.split()[1] for line in lines] == [
        *(f"FashionMNIST/raw/{name}" for name in names),
        "resnet18-f37072fd.pth",
    ]
    assert [line.split()[3] for line in lines] == ["missing:"] * 4 + ["damaged:"]
    assert "does not answer" in lines[0]
    assert "--from-bundle FILE" in last
    assert "`data: {source: embedded}`" in last
    assert (hub / "resnet18-f37072fd.pth").read_bytes() == b"not these weights"
    assert "Traceback" not in run.stderr


def test_a_bundle_travels_from_course_to_course(tmp_path: Path) -> None:
    here = course_folder(tmp_path / "here", REAL)
    there = course_folder(tmp_path / "there", REAL)
    lay(small(here))
    bundle = tmp_path / "course.zip"
    packed = prepare("--course", here, "--offline-bundle", bundle)
    assert (packed.returncode, packed.stderr) == (0, "")
    assert f"Written: {bundle}" in packed.stdout
    unpacked = prepare("--course", there, "--from-bundle", bundle)
    assert (unpacked.returncode, unpacked.stderr) == (0, "")
    assert unpacked.stdout.count("unpacked ") == 4
    for wanted in small(there):
        assert wanted.read_path.read_bytes() == CONTENT[wanted.read_path.name]
    images, _ = load_images(real_course(there), 40, seed=1)
    assert images.shape == (40, 28, 28)


@pytest.mark.proof
def test_a_bundle_for_another_course_is_one_line(tmp_path: Path) -> None:
    here = course_folder(tmp_path / "here", REAL)
    lay(small(here))
    bundle = tmp_path / "course.zip"
    prepare("--course", here, "--offline-bundle", bundle)
    run = prepare("--course", course_folder(tmp_path / "there", IMAGENET), "--from-bundle", bundle)
    assert run.returncode == 2
    [line] = run.stderr.splitlines()
    assert "FashionMNIST/raw/t10k-images-idx3-ubyte', which this course does not name" in line
    assert not (tmp_path / "there" / "data").exists()


@pytest.mark.proof
@pytest.mark.parametrize("number", ["01", pytest.param("04", marks=needs_sample)])
def test_a_class_is_graded_on_prepared_files(tmp_path: Path, hub: Path, number: str) -> None:
    """A line in course.yaml chooses each; the runner gets a copy, and the cache is not changed."""
    folder = course_folder(tmp_path / "course", REAL, SQUEEZENET)
    (folder / "data").symlink_to(SAMPLE)
    (folder / "exercises").symlink_to(ROOT / "exercises")
    hub.mkdir(parents=True)
    weights = hub / "squeezenet1_1-b8a52dc0.pth"
    torch.save(get_model("squeezenet1_1", weights=None).state_dict(), weights)
    before = (weights.read_bytes(), weights.stat().st_mtime_ns)
    source = tmp_path / "in" / "anna" / number / course().exercise(number).file_name
    source.parent.mkdir(parents=True)
    source.write_text(solution(number).text, "utf-8")
    run = grader("grade", tmp_path / "in", "--out", tmp_path / "out", "--course", folder)
    assert run.returncode == 0, run.stderr
    [graded] = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))["submissions"]
    assert (graded["score"], graded["pending"]) == (10, 0)
    assert (weights.read_bytes(), weights.stat().st_mtime_ns) == before
    assert list(hub.iterdir()) == [weights]


@needs_sample
def test_real_images_that_are_there_need_no_network(tmp_path: Path) -> None:
    folder = course_folder(tmp_path / "course", REAL)
    (folder / "data").symlink_to(SAMPLE)
    run = prepare("--course", folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("present ") == 4
    assert "    2.24 MiB" in run.stdout


def test_the_command_line_starts_without_torch() -> None:
    code = "import sys, grader.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
