"""The drawn garments: the same for everybody, of all kinds, and neither trivial nor hopeless."""

import hashlib

import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from grader.materials.garments import CLASSES, GarmentImages, draw_garments, hand_held
from grader.materials.garments.canvas import curve, edge, limb, oval, wave


def test_a_seed_fixes_every_byte_on_every_machine() -> None:
    images, labels = draw_garments(1000, seed=0)
    digest = hashlib.sha256(images.numpy().tobytes() + labels.numpy().tobytes()).hexdigest()
    assert digest[:16] == "dbbab8dcee024a00"


def test_fewer_images_are_the_first_of_more() -> None:
    images, labels = draw_garments(450, seed=4)
    for count in (0, 7, 200, 201):
        some, of_them = draw_garments(count, seed=4)
        assert torch.equal(some, images[:count])
        assert torch.equal(of_them, labels[:count])
    assert not torch.equal(images, draw_garments(450, seed=5)[0])


def test_form_and_balance() -> None:
    images, labels = draw_garments(1000, seed=2)
    assert (images.dtype, images.shape) == (torch.uint8, (1000, 28, 28))
    assert (labels.dtype, labels.shape) == (torch.int64, (1000,))
    assert all(ten.sort().values.tolist() == list(range(10)) for ten in labels.split(10))
    assert len({image.numpy().tobytes() for image in images}) == 1000


def test_every_garment_fills_much_of_a_black_background() -> None:
    images, labels = draw_garments(2000, seed=3)
    covered = (images > 0).float().mean((1, 2))
    for label, name in enumerate(CLASSES):
        of_class = covered[labels == label]
        assert 0.15 < float(of_class.mean()) < 0.75, name
        assert float(of_class.min()) > 0.03, name
        greys = images[labels == label][images[labels == label] > 0].float()
        assert 60 < float(greys.mean()) < 200, name


def test_a_linear_model_gets_most_right_but_not_all() -> None:
    images, labels = draw_garments(2000, seed=1)
    pixels = images.flatten(1) / 255
    weights = torch.zeros(784, 10, requires_grad=True)
    bias = torch.zeros(10, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=60)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        penalty = 1e-3 * weights.square().sum()
        value = functional.cross_entropy(pixels[:1000] @ weights + bias, labels[:1000]) + penalty
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)
    right = (pixels[1000:] @ weights + bias).argmax(1) == labels[1000:]
    assert 0.7 < float(right.float().mean()) < 0.88


def test_the_dataset_is_like_torchvisions() -> None:
    dataset = GarmentImages(count=50, seed=1)
    image, target = dataset[3]
    assert isinstance(image, Image.Image)
    assert (image.mode, image.size) == ("L", (28, 28))
    assert target == int(dataset.targets[3])
    assert type(target) is int
    assert len(dataset) == 50
    assert dataset.classes == list(CLASSES)
    assert dataset.class_to_idx["Ankle boot"] == 9
    changed = GarmentImages(
        count=50, seed=1, transform=lambda picture: picture.size, target_transform=str
    )
    assert changed[3] == ((28, 28), str(target))
    assert "Split: Train" in repr(dataset)


def test_training_and_test_images_differ() -> None:
    seen = {image.numpy().tobytes() for image in GarmentImages(count=300, seed=1).data}
    for other in (GarmentImages(train=False, count=300, seed=1), GarmentImages(count=300, seed=2)):
        assert seen.isdisjoint(image.numpy().tobytes() for image in other.data)


def test_curves_and_outlines() -> None:
    place = torch.tensor([-1.0, 0.0, 0.5, 1.0, 3.0])
    assert curve(place, [(0, 1.0), (1, 3.0), (2, 2.0)]).tolist() == [1.0, 1.0, 2.0, 3.0, 2.0]
    assert wave(torch.tensor([0.0, 0.25, 0.5, 0.75, 1.25])).tolist() == [0, -1, 0, 1, -1]
    assert edge(torch.tensor([-1.0, 0.0, 1.0])).tolist() == [0, 0.5, 1]
    x = torch.tensor([0.5, 0.5, -0.3, 1.2])
    y = torch.tensor([0.0, 0.3, 0.0, 0.0])
    depth = limb(x, y, (0.0, 0.0), (1.0, 0.0), (0.1, 0.1))
    assert depth.tolist() == pytest.approx([0.1, -0.2, -0.2, -0.2], abs=1e-6)
    inside = oval(torch.tensor([0.0, 2.0]), torch.tensor([0.0, 0.0]), (0.0, 0.0), (2.0, 1.0))
    assert inside.tolist() == [1, 0]


def test_a_hand_held_camera_turns_and_moves_garments_as_its_seed_says() -> None:
    images, _ = draw_garments(40, seed=0)

    def seen(seed: int) -> Tensor:
        return hand_held(images, torch.Generator().manual_seed(seed))

    assert seen(1).shape == images.shape
    assert seen(1).dtype == torch.uint8
    assert torch.equal(seen(1), seen(1))
    assert not torch.equal(seen(1), seen(2))
    assert seen(1).flatten(1).amax(dim=1).min() > 0, "none is moved out of the image"
    # Half of them are mirrored: a shape that points to the left points to the right.
    arrow = torch.zeros(400, 28, 28, dtype=torch.uint8)
    arrow[:, 10:18, 4:14] = 255
    moved = hand_held(arrow, torch.Generator().manual_seed(0)).float()
    to_the_left = moved[..., :14].sum(dim=(1, 2)) > moved[..., 14:].sum(dim=(1, 2))
    assert 150 < int(to_the_left.sum()) < 250
