"""The pretended device: it computes as the CPU does, and refuses what an accelerator refuses."""

import copy
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from grader.protocol.pretended_device import PRETENDED, OnPretendedDevice, PretendedDevice

IMAGES = torch.randn(22, 1, 8, 8, generator=torch.Generator().manual_seed(1))
LABELS = torch.randint(0, 10, (22,), generator=torch.Generator().manual_seed(2))
CPU = torch.device("cpu")
OPTIMIZERS = {
    "Adam": {"lr": 0.01},
    "SGD": {"lr": 0.1},
    "SGD with momentum": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    "AdamW": {"lr": 0.01, "amsgrad": True},
    "RMSprop": {"lr": 0.001, "momentum": 0.5, "centered": True},
}


@pytest.fixture(autouse=True)
def pretended() -> Iterator[None]:
    with PretendedDevice():
        yield


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(64, 10),
    )


def loader() -> "DataLoader[tuple[Tensor, ...]]":
    return DataLoader(TensorDataset(IMAGES, LABELS), batch_size=8)


def optimizer(name: str, model: nn.Module) -> torch.optim.Optimizer:
    kind = getattr(torch.optim, name.split(" ", maxsplit=1)[0])
    made: torch.optim.Optimizer = kind(model.parameters(), **OPTIMIZERS[name])
    return made


def train(
    model: nn.Module, optimizer: torch.optim.Optimizer, device: torch.device | str
) -> list[float]:
    """Two epochs as everybody writes them: the mean loss of each."""
    criterion = nn.CrossEntropyLoss()
    history = []
    for _ in range(2):
        model.train()
        total = 0.0
        for images, labels in loader():
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        history.append(total / len(LABELS))
    return history


def accuracy(model: nn.Module, device: torch.device | str) -> float:
    model.eval()
    right = 0
    with torch.no_grad():
        for images, labels in loader():
            predictions = model(images.to(device)).argmax(dim=1)
            right += (predictions == labels.to(device)).sum().item()
    return right / len(LABELS)


# ---------------------------------------------------------------- the same numbers as on the CPU


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_gives_the_same_bits_as_on_the_cpu(name: str) -> None:
    results = []
    for device in (CPU, PRETENDED):
        model = network().to(device)
        torch.manual_seed(5)
        losses = train(model, optimizer(name, model), device)
        results.append((losses, accuracy(model, device), model.cpu().state_dict()))
    (losses, share, state), (other_losses, other_share, other_state) = results
    assert losses == other_losses
    assert share == other_share
    assert state.keys() == other_state.keys()
    for key, tensor in state.items():
        assert type(other_state[key]) is Tensor
        assert torch.equal(tensor, other_state[key]), key


@pytest.mark.parametrize("foreach", [True, False])
def test_an_optimizer_of_either_implementation(foreach: bool) -> None:
    model, twin = network().to(PRETENDED), network()
    torch.manual_seed(5)
    losses = train(model, torch.optim.Adam(model.parameters(), foreach=foreach), PRETENDED)
    torch.manual_seed(5)
    assert losses == train(twin, torch.optim.Adam(twin.parameters(), foreach=foreach), "cpu")


def test_an_optimizer_made_before_the_model_moves() -> None:
    model = network()
    before = [p.detach().clone() for p in model.parameters()]
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    model.to(PRETENDED)
    train(model, adam, PRETENDED)
    moved = [not torch.equal(a, b) for a, b in zip(before, model.cpu().parameters(), strict=True)]
    assert all(moved)


def test_frozen_parameters_stay() -> None:
    model = network()
    model[0].requires_grad_(False)
    before = model[0].weight.detach().clone()
    model.to(PRETENDED)
    assert not model[0].weight.requires_grad
    train(model, torch.optim.SGD([p for p in model.parameters() if p.requires_grad]), PRETENDED)
    assert torch.equal(model[0].weight.detach().cpu(), before)


# ----------------------------------------------------------------------------- moving about


@pytest.mark.parametrize("device", [PRETENDED, str(PRETENDED), "xpu"], ids=repr)
def test_a_moved_tensor_says_where_it_is(device: torch.device | str) -> None:
    tensor = IMAGES.to(device)
    assert tensor.device == PRETENDED
    assert (tensor * 2 + 1).relu().device == PRETENDED
    assert tensor[0].device == PRETENDED
    assert tensor.shape == IMAGES.shape
    assert IMAGES.device == CPU


def test_a_moved_model_says_where_it_is() -> None:
    model = network()
    assert model.to(PRETENDED) is model
    _expect_moved(model)


def test_a_model_moved_by_keywords() -> None:
    _expect_moved(network().to(device=PRETENDED))
    _expect_moved(network().to(device="xpu", memory_format=torch.channels_last))
    model = network().to(device=PRETENDED, dtype=torch.float64)
    _expect_moved(model)
    assert model[0].weight.dtype == torch.float64


def _expect_moved(model: nn.Module) -> None:
    for tensor in (*model.parameters(), *model.buffers()):
        assert tensor.device == PRETENDED
    assert next(model.parameters()).device == PRETENDED
    assert all(isinstance(p, nn.Parameter) for p in model.parameters())
    assert all(p.is_leaf and p.requires_grad for p in model.parameters())


@pytest.mark.parametrize("back", [lambda x: x.cpu(), lambda x: x.to("cpu"), lambda x: x.to(CPU)])
def test_moving_back(back: "type") -> None:
    tensor = back(IMAGES.to(PRETENDED))
    assert type(tensor) is Tensor
    assert tensor.device == CPU
    assert torch.equal(tensor, IMAGES)
    model = back(network().to(PRETENDED))
    assert {p.device for p in model.parameters()} == {CPU}
    assert model(IMAGES).shape == (22, 10)


def test_gradients_move_along() -> None:
    model = network().to(PRETENDED)
    model(IMAGES.to(PRETENDED)).sum().backward()
    assert model[0].weight.grad is not None
    assert model[0].weight.grad.device == PRETENDED
    model.cpu()
    assert model[0].weight.grad.device == CPU


def test_the_ways_to_ask_for_it() -> None:
    like = torch.zeros(1).to(PRETENDED)
    for tensor in (
        IMAGES.to(device=PRETENDED),
        IMAGES.to(PRETENDED, torch.float64),
        IMAGES.to(PRETENDED, non_blocking=True),
        IMAGES.to(device=PRETENDED, dtype=torch.float16),
        IMAGES.to(like),
        IMAGES.type_as(like),
        IMAGES.type_as(other=like),
        torch.zeros(3, device=PRETENDED),
        torch.ones(3, dtype=torch.int64, device=str(PRETENDED)),
        torch.full((2,), 1.5, device=PRETENDED),
        torch.tensor([1, 2], device=PRETENDED),
        torch.as_tensor([1, 2], device=PRETENDED),
        torch.arange(3, device=PRETENDED),
        torch.randn(2, 2, device=PRETENDED),
        torch.zeros_like(like),
        torch.zeros_like(IMAGES, device=PRETENDED),
        like.new_zeros(3),
        nn.Linear(3, 2, device=PRETENDED).weight,
    ):
        assert tensor.device == PRETENDED
    assert IMAGES.to(PRETENDED, torch.float64).dtype == torch.float64
    assert IMAGES.to(device=PRETENDED, dtype=torch.float16).dtype == torch.float16
    assert IMAGES.to(torch.float64).device == CPU
    assert like.to(torch.float64).device == PRETENDED
    assert like.to(IMAGES).device == CPU
    assert like.type_as(IMAGES).device == CPU
    assert LABELS.type_as(like).dtype == like.dtype


def test_a_copy_on_the_device_has_memory_of_its_own() -> None:
    original = torch.zeros(3)
    moved = original.to(PRETENDED)
    moved += 1
    assert torch.equal(original, torch.zeros(3))
    back = moved.cpu()
    back += 1
    assert torch.equal(moved.cpu(), torch.ones(3))


def test_what_is_there_already_is_not_copied() -> None:
    weight = network().to(PRETENDED)[0].weight
    assert weight.to(PRETENDED) is weight
    assert weight.to(PRETENDED, torch.float64).dtype == torch.float64
    moved = IMAGES.to(PRETENDED)
    assert moved.to(device=PRETENDED, dtype=torch.float32) is moved
    assert moved.to(PRETENDED, copy=True) is not moved


def test_the_best_state_may_be_kept_on_the_cpu() -> None:
    model = network().to(PRETENDED)
    for keep in (lambda t: t.cpu(), lambda t: t.detach().to("cpu"), lambda t: t.clone()):
        best = {name: keep(tensor) for name, tensor in model.state_dict().items()}
        first = best["0.weight"].tolist()
        train(model, torch.optim.SGD(model.parameters(), lr=0.1), PRETENDED)
        assert best["0.weight"].tolist() == first


def test_a_leaf_that_is_made_there() -> None:
    leaf = torch.zeros(3, device=PRETENDED, requires_grad=True)
    assert leaf.is_leaf
    (leaf.sum() * 2).backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [2.0] * 3
    crossing = torch.ones(3, requires_grad=True)
    crossing.to(PRETENDED).sum().backward()
    assert crossing.grad is not None
    assert crossing.grad.tolist() == [1.0] * 3
    assert crossing.grad.device == CPU


def test_a_device_as_a_context() -> None:
    with PRETENDED:
        assert torch.zeros(2).device == PRETENDED


def test_replacing_the_data_of_a_parameter() -> None:
    model = network()
    parameters = list(model.parameters())
    for parameter in model.parameters():
        parameter.data = parameter.data.to(PRETENDED)
    for buffer in model.buffers():
        buffer.data = buffer.data.to(PRETENDED)
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))
    assert {p.device for p in model.parameters()} == {PRETENDED}
    assert model(IMAGES.to(PRETENDED)).device == PRETENDED
    for parameter in model.parameters():
        parameter.data = parameter.data.to("cpu")
    assert {p.device for p in model.parameters()} == {CPU}


# -------------------------------------------------------------------------- what is refused


def test_a_forgotten_model() -> None:
    with pytest.raises(RuntimeError, match="same device"):
        network()(IMAGES.to(PRETENDED))


def test_forgotten_images() -> None:
    with pytest.raises(RuntimeError, match="same device"):
        network().to(PRETENDED)(IMAGES)


def test_forgotten_labels() -> None:
    logits = network().to(PRETENDED)(IMAGES.to(PRETENDED))
    with pytest.raises(RuntimeError, match="same device"):
        nn.CrossEntropyLoss()(logits, LABELS)
    with pytest.raises(RuntimeError, match="same device"):
        nn.functional.nll_loss(logits, LABELS)


def test_forgotten_labels_in_a_comparison() -> None:
    predictions = network().to(PRETENDED)(IMAGES.to(PRETENDED)).argmax(1)
    for compare in (torch.eq, torch.ne, lambda a, b: a == b, lambda a, b: (a - b).abs()):
        with pytest.raises(RuntimeError, match="same device"):
            compare(predictions, LABELS)
        with pytest.raises(RuntimeError, match="same device"):
            compare(LABELS, predictions)


def test_lists_of_tensors_do_not_mix_either() -> None:
    for combine in (torch.cat, torch.stack):
        with pytest.raises(RuntimeError, match="same device"):
            combine([IMAGES, IMAGES.to(PRETENDED)])
        assert combine([IMAGES.to(PRETENDED)] * 2).device == PRETENDED


def test_a_sum_that_stays_on_the_cpu() -> None:
    matrix = torch.zeros(10, 10)
    with pytest.raises(RuntimeError, match="same device"):
        matrix += torch.ones(10, 10).to(PRETENDED)


def test_a_running_sum_on_the_cpu() -> None:
    total = torch.tensor(0.0)
    with pytest.raises(RuntimeError, match="same device"):
        total += torch.tensor(1.0).to(PRETENDED)


def test_a_matrix_on_the_cpu_with_an_index_on_the_device() -> None:
    labels = LABELS.to(PRETENDED)
    matrix = torch.zeros(10, 10)
    with pytest.raises(RuntimeError):
        matrix[labels, labels] += 1


def test_a_module_that_was_added_later_and_not_moved() -> None:
    model = network().to(PRETENDED)
    model[-1] = nn.Linear(64, 5)
    with pytest.raises(RuntimeError, match="same device"):
        model(IMAGES.to(PRETENDED))


def test_numpy_needs_the_cpu() -> None:
    tensor = IMAGES.to(PRETENDED)
    for convert in (lambda t: t.numpy(), lambda t: t.detach().numpy(), lambda t: t.__array__()):
        with pytest.raises(TypeError, match="numpy"):
            convert(tensor)
    assert tensor.cpu().numpy().shape == IMAGES.shape
    assert tensor.numpy(force=True).shape == IMAGES.shape
    assert tensor.detach().cpu().numpy().shape == IMAGES.shape


# -------------------------------------------------------------------------- what is allowed


def test_labels_on_the_cpu_with_predictions_brought_back() -> None:
    model = network().to(PRETENDED)
    predictions = model(IMAGES.to(PRETENDED)).argmax(dim=1)
    right = (predictions.cpu() == LABELS).sum().item()
    assert right == (predictions == LABELS.to(PRETENDED)).sum().item()
    assert nn.CrossEntropyLoss()(model(IMAGES.to(PRETENDED)).cpu(), LABELS).device == CPU


def test_numbers_come_out() -> None:
    tensor = torch.tensor([1.5, 2.5]).to(PRETENDED)
    assert tensor.sum().item() == 4.0
    assert float(tensor.mean()) == 2.0
    assert tensor.tolist() == [1.5, 2.5]
    assert int(tensor.argmax()) == 1
    assert bool((tensor > 1).all())
    assert len(tensor) == 2
    assert [float(value) for value in tensor] == [1.5, 2.5]
    assert f"{tensor.sum():.1f}" == "4.0"
    assert "1.5" in repr(tensor)


def test_scalars_mix() -> None:
    tensor = torch.ones(3).to(PRETENDED)
    total = 0.0
    total += tensor.sum() * 2
    assert total.device == PRETENDED
    assert (tensor * torch.tensor(2.0)).tolist() == [2.0, 2.0, 2.0]
    assert (tensor + 1).tolist() == [2.0, 2.0, 2.0]


def test_copies_cross() -> None:
    target = torch.zeros(3)
    target.copy_(torch.ones(3).to(PRETENDED))
    assert target.tolist() == [1.0] * 3
    assert target.device == CPU
    target[1:] = torch.full((2,), 5.0).to(PRETENDED)
    assert target.tolist() == [1.0, 5.0, 5.0]
    there = torch.zeros(3).to(PRETENDED)
    there.copy_(target)
    assert there.tolist() == [1.0, 5.0, 5.0]
    assert there.device == PRETENDED


def test_a_mask_and_an_index() -> None:
    tensor = torch.arange(4).to(PRETENDED)
    assert tensor[tensor > 1].tolist() == [2, 3]
    assert tensor[torch.tensor([0, 2])].tolist() == [0, 2]
    matrix = torch.zeros(3, 3, dtype=torch.int64, device=PRETENDED)
    matrix[tensor[:2], tensor[1:3]] += 1
    assert matrix.sum().item() == 2
    counts = torch.bincount(tensor, minlength=6)
    assert counts.device == PRETENDED


def test_deepcopy() -> None:
    model = network().to(PRETENDED)
    copied = copy.deepcopy(model)
    assert {p.device for p in copied.parameters()} == {PRETENDED}
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in copied.parameters())
    with torch.no_grad():
        model[0].weight.zero_()
    assert not torch.equal(copied[0].weight.cpu(), model[0].weight.cpu())
    tensor = torch.ones(2).to(PRETENDED)
    pair = copy.deepcopy([tensor, tensor])
    assert pair[0] is pair[1]
    assert pair[0].device == PRETENDED


def test_the_best_state_is_kept_and_put_back() -> None:
    model = network().to(PRETENDED)
    best = copy.deepcopy(model.state_dict())
    train(model, torch.optim.SGD(model.parameters(), lr=0.1), PRETENDED)
    assert not torch.equal(best["0.weight"].cpu(), model[0].weight.detach().cpu())
    model.load_state_dict(best)
    assert torch.equal(best["0.weight"].cpu(), model[0].weight.detach().cpu())
    assert {t.device for t in model.state_dict().values()} == {PRETENDED}


def test_states_are_loaded_across_devices() -> None:
    here, there = network(), network().to(PRETENDED)
    with torch.no_grad():
        here[6].bias.fill_(3.0)
    there.load_state_dict(here.state_dict())
    assert there[6].bias.tolist() == [3.0] * 10
    assert {p.device for p in there.parameters()} == {PRETENDED}
    fresh = network()
    fresh.load_state_dict(there.state_dict())
    assert fresh[6].bias.tolist() == [3.0] * 10
    assert {p.device for p in fresh.parameters()} == {CPU}


@pytest.mark.parametrize("location", [None, "cpu", PRETENDED, str(PRETENDED)])
def test_a_state_in_a_file(tmp_path: Path, location: str | torch.device | None) -> None:
    model = network().to(PRETENDED)
    path = tmp_path / "best.pt"
    torch.save(model.state_dict(), path)
    kept = copy.deepcopy(model).cpu().state_dict()
    train(model, torch.optim.SGD(model.parameters(), lr=0.1), PRETENDED)
    model.load_state_dict(torch.load(path, map_location=location, weights_only=True))
    _expect_moved(model)
    assert all(torch.equal(kept[name], value.cpu()) for name, value in model.state_dict().items())


def test_a_whole_model_in_a_file(tmp_path: Path) -> None:
    model = network().to(PRETENDED)
    model[0].requires_grad_(False)
    torch.save(model, tmp_path / "model.pt")
    loaded = torch.load(tmp_path / "model.pt", weights_only=False)
    assert {type(p) for p in loaded.parameters()} == {nn.Parameter}
    assert [p.requires_grad for p in loaded.parameters()] == [
        p.requires_grad for p in model.parameters()
    ]
    assert loaded.to(PRETENDED)(IMAGES.to(PRETENDED)).device == PRETENDED


def test_the_state_of_an_optimizer() -> None:
    model = network().to(PRETENDED)
    adam = torch.optim.Adam(model.parameters())
    train(model, adam, PRETENDED)
    again = torch.optim.Adam(model.parameters())
    again.load_state_dict(copy.deepcopy(adam.state_dict()))
    train(model, again, PRETENDED)


@pytest.mark.parametrize("error_if_nonfinite", [True, False])
def test_clipping_gradients(error_if_nonfinite: bool) -> None:
    norms = []
    for device in (CPU, PRETENDED):
        model = network().eval().to(device)
        model(IMAGES.to(device)).square().sum().backward()
        norm = nn.utils.clip_grad_norm_(
            model.parameters(), 1.0, error_if_nonfinite=error_if_nonfinite
        )
        norms.append(float(norm))
        after = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
        assert float(after) == pytest.approx(1.0, abs=1e-4)
        nn.utils.clip_grad_value_(model.parameters(), 0.01)
        assert max(float(p.grad.abs().max()) for p in model.parameters()) <= 0.01
    assert norms[0] == norms[1]


def test_autocast_switched_off() -> None:
    model = network().to(PRETENDED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for device_type in (PRETENDED.type, "cpu"):
            with torch.autocast(device_type=device_type, enabled=False):
                assert model(IMAGES.to(PRETENDED)).dtype == torch.float32
        scaler = torch.amp.GradScaler(enabled=False)
        adam = torch.optim.Adam(model.parameters())
        scaler.scale(model(IMAGES.to(PRETENDED)).sum()).backward()
        scaler.step(adam)
        scaler.update()


def test_inference_mode_and_softmax() -> None:
    model = network().to(PRETENDED).eval()
    with torch.inference_mode():
        chances = model(IMAGES.to(PRETENDED)).softmax(dim=1)
        best, classes = chances.max(dim=1)
        top = chances.topk(3)
    assert best.device == classes.device == top.values.device == PRETENDED
    assert torch.equal(classes.cpu(), network().eval()(IMAGES).argmax(1))


def test_a_scheduler() -> None:
    model = network().to(PRETENDED)
    sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(sgd, patience=0)
    for loss in (1.0, 2.0, 3.0):
        scheduler.step(torch.tensor(loss).to(PRETENDED))
    assert sgd.param_groups[0]["lr"] < 1.0


def test_nothing_is_left_when_it_ends() -> None:
    assert type(torch.ones(2)) is Tensor
    assert isinstance(torch.ones(2).to(PRETENDED), OnPretendedDevice)
