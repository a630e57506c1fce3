"""The hidden checks of exercise 04."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from grader.check import Model, Record, Submission, check, expect, for_all, number
from grader.course.settings import Course
from grader.judge.strategies import SEEDS, Batches, numbers, short_batches
from grader.materials.images import load_images
from grader.protocol.pretended_device import PRETENDED
from grader.protocol.recipes import Loader, Loss, Network, Optimizer

# The same in training and in eval mode, because `train_one_epoch` may set a mode or not.
PLAIN_LAYERS = [["Flatten"], ["Linear", 16, 8], ["Tanh"], ["Linear", 8, 4]]
KEYS = ("train_loss", "val_loss", "val_accuracy")
CROSS_ENTROPY = Loss()
SGD = Optimizer("SGD", None, {"lr": 0.5})

Data = tuple[Tensor, Tensor]


def plain(seed: int = 0) -> Network:
    """A network without Dropout and BatchNorm, for images (N, 1, 4, 4) of four classes."""
    return Network("Layers", {"layers": PLAIN_LAYERS}, seed=seed)


def standing_still(seed: int, dropout: float) -> Network:
    """A network that training does not change, so that every measurement is known beforehand.

    Its only trainable parameter is the slope of a PReLU for negative inputs, and there are none.
    """
    layers = [["Flatten"], ["Linear", 16, 8], ["Sigmoid"], ["PReLU"]]
    layers += [["Dropout", dropout], ["Linear", 8, 4]]
    return Network("Layers", {"layers": layers}, seed=seed, frozen=["1", "5"])


def frozen_norm() -> Network:
    """`standing_still`, with a frozen BatchNorm whose statistics are not those of any batch."""
    layers = [["Flatten"], ["Linear", 16, 8], ["BatchNorm1d", 8], ["Sigmoid"], ["PReLU"]]
    layers += [["Linear", 8, 4]]
    return Network("Layers", {"layers": layers}, seed=4, frozen=["1", "2", "5"])


def draw(count: int, generator: torch.Generator, side: int = 4, classes: int = 4) -> Data:
    """Noise images (count, 1, side, side) and invented labels."""
    images = torch.randn(count, 1, side, side, generator=generator)
    return images, torch.randint(0, classes, (count,), generator=generator)


def one_of_each(generator: torch.Generator) -> Data:
    """The same image ten times (10, 1, 8, 8), once with each label, so that no accuracy is 0.

    An answer may restore the weights of the best accuracy, as PyTorch's tutorial does, and start
    with 0 as the best one.
    """
    return torch.randn(1, 1, 8, 8, generator=generator).repeat(10, 1, 1, 1), torch.arange(10)


def in_batches(data: Data, size: int) -> Iterator[Data]:
    """What a loader without shuffling yields."""
    yield from zip(data[0].split(size), data[1].split(size), strict=True)


def train(
    model: nn.Module, data: Data, size: int, loss_fn: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """The check's own training, one pass over every batch."""
    for images, labels in in_batches(data, size):
        optimizer.zero_grad()
        loss_fn(model(images), labels).backward()
        optimizer.step()


def trained(recipe: Network, optimizer: Optimizer, loss: Loss, data: Data, size: int) -> Any:
    """The parameters of the check's own copy after one pass."""
    model = recipe.build()
    own = Optimizer(optimizer.name, model, optimizer.options).build()
    train(model, data, size, loss.build(), own)
    return model.state_dict()


def measure(model: nn.Module, data: Data) -> tuple[float, float]:
    """Mean loss per sample and accuracy of the check's own copy, in eval mode."""
    model.eval()
    with torch.no_grad():
        logits = model(data[0])
    loss = nn.functional.cross_entropy(logits, data[1]).item()
    return loss, (logits.argmax(dim=1) == data[1]).float().mean().item()


def half_right(model: nn.Module, images: Tensor, generator: torch.Generator) -> Tensor:
    """Labels of which the model, in eval mode, gets about half of four classes right."""
    model.eval()
    with torch.no_grad():
        predictions: Tensor = model(images).argmax(dim=1)
    return (predictions + torch.randint(0, 2, predictions.shape, generator=generator)) % 4


def close(got: float, want: float, tolerance: float = 1e-3) -> bool:
    """Whether two measurements agree."""
    return abs(got - want) <= tolerance * max(1.0, abs(want))


def same(got: dict[str, Tensor], want: dict[str, Tensor]) -> bool:
    """Whether two states agree, up to the order in which sums were computed."""
    return got.keys() == want.keys() and all(
        got[name].shape == want[name].shape and torch.allclose(got[name], want[name], atol=1e-4)
        for name in want
    )


def run_epoch(
    submission: Submission,
    recipe: Network,
    data: Data,
    size: int,
    *,
    loss: Loss = CROSS_ENTROPY,
    optimizer: str = "SGD",
    lr: float = 0.5,
    device: torch.device | str = "cpu",
    before: Callable[[Model], None] = lambda model: None,
) -> tuple[Model, Any]:
    """One call of `train_one_epoch`: the model and what came back."""
    model = submission.build(recipe)
    before(model)
    value = submission.call(
        "train_one_epoch",
        model,
        submission.build(Loader(*data, batch_size=size)),
        submission.build(loss),
        submission.build(Optimizer(optimizer, model, {"lr": lr})),
        device,
    )
    return model, value


def expect_moved(model: Model) -> None:
    """Expect the weights of `plain()` to have changed."""
    still = same(model.state(), plain().build().state_dict())
    because = (
        "The weights did not change: for each batch call `loss.backward()`, then "
        "`optimizer.step()`, and do not clear the gradients in between."
    )
    expect(not still, got="unchanged weights", want="a step a batch", because=because)


@check("train_one_epoch.one_step", weight=2)
@for_all(3, images=numbers(4, 16))
def test_one_step(submission: Submission, generator: torch.Generator, images: int) -> None:
    """One batch moves the weights by one step down the gradient of the loss."""
    data = draw(images, generator)
    model, _ = run_epoch(submission, plain(), data, images)
    expect_moved(model)
    because = (
        "The weights moved, but not by one step down the gradient of the loss: raw logits go into "
        "the loss (no softmax before it), then one backward and one step."
    )
    want = trained(plain(), SGD, CROSS_ENTROPY, data, images)
    expect(same(model.state(), want), got="other weights", want="one step", because=because)


@check("train_one_epoch.every_batch", weight=3)
@for_all(8, batches=short_batches(), seed=SEEDS)
def test_every_batch(
    submission: Submission, generator: torch.Generator, batches: Batches, seed: int
) -> None:
    """Every batch moves the weights by a step of its own, the last short one included."""
    data = draw(batches.images, generator)
    model, _ = run_epoch(submission, plain(seed), data, batches.size)
    want = trained(plain(seed), SGD, CROSS_ENTROPY, data, batches.size)
    because = (
        f"After {batches.number} batches the weights are not those of one step per batch: is every "
        "batch used once, and are the gradients cleared before each backward pass?"
    )
    expect(same(model.state(), want), got="other weights", want="a step a batch", because=because)


@check("train_one_epoch.leftover_gradients", weight=2)
@for_all(2, batches=short_batches())
def test_leftover_gradients(
    submission: Submission, generator: torch.Generator, batches: Batches
) -> None:
    """Gradients that an earlier pass left behind have no effect."""
    data, size = draw(batches.images, generator), batches.size
    clean, _ = run_epoch(submission, plain(), data, size)
    model, _ = run_epoch(submission, plain(), data, size, before=lambda m: m.leave_gradients(3.0))
    because = (
        "Gradients from before the call went into the first step: `backward()` adds to existing "
        "gradients, so clear them before it, not only after the step."
    )
    right = same(model.state(), clean.state())
    expect(right, got="other weights", want="as without them", because=because)
    expect_moved(model)


@check("train_one_epoch.given_loss")
def test_given_loss(submission: Submission, generator: torch.Generator) -> None:
    """The loss function that is passed in is the one that is used."""
    for loss in (Loss("MultiMarginLoss"), Loss("CrossEntropyLoss", {"label_smoothing": 0.4})):
        data = draw(12, generator)
        model, _ = run_epoch(submission, plain(), data, 12, loss=loss)
        want = trained(plain(), SGD, loss, data, 12)
        because = (
            f"With {loss} the weights change as with another loss: use the `loss_fn` that is "
            "passed in, unchanged."
        )
        expect(same(model.state(), want), got="other weights", want="these", because=because)


@check("train_one_epoch.given_optimizer", weight=2)
@for_all(2, batches=short_batches())
def test_given_optimizer(
    submission: Submission, generator: torch.Generator, batches: Batches
) -> None:
    """The optimizer that is passed in takes the steps, and keeps its state between epochs."""
    data = draw(batches.images, generator)
    for name, options in (("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adagrad", {"lr": 0.05})):
        model = submission.build(plain())
        optimizer = submission.build(Optimizer(name, model, options))
        own_model = plain().build()
        own = Optimizer(name, own_model, options).build()
        for _ in range(2):
            loader = submission.build(Loader(*data, batch_size=batches.size))
            loss_fn = submission.build(CROSS_ENTROPY)
            submission.call("train_one_epoch", model, loader, loss_fn, optimizer, "cpu")
            train(own_model, data, batches.size, nn.CrossEntropyLoss(), own)
        because = (
            f"With {name} the weights change in another way than they should: only `optimizer` may "
            "take the steps."
        )
        agree = same(model.state(), own_model.state_dict())
        expect(agree, got="other weights", want="those of this optimizer", because=because)


@check("train_one_epoch.mean_per_sample", weight=2)
@for_all(6, batches=short_batches())
def test_mean_per_sample(
    submission: Submission, generator: torch.Generator, batches: Batches
) -> None:
    """It returns the mean loss per sample: a short last batch counts by its size."""
    model, last = plain().build(), batches.last
    images, _ = draw(batches.images, generator)
    images = images * 5
    # The last batch is all wrong and the others are all right, so that its weight shows.
    with torch.no_grad():
        logits = model(images)
    labels = torch.cat([logits[:-last].argmax(dim=1), logits[-last:].argmin(dim=1)])
    want, _ = measure(model, (images, labels))
    _, value = run_epoch(submission, plain(), (images, labels), batches.size, lr=0.0)
    got = number(value, "the returned loss")
    because = (
        f"With batches of {batches.size} images and a last one of {last} the returned loss is not "
        "the mean of all images: weight each batch's mean by its number of images, add up, and "
        "divide by the number of all images."
    )
    expect(close(got, want), got=got, want=want, because=because)


@check("train_one_epoch.moves_batches", weight=2)
@for_all(2, batches=short_batches())
def test_moves_batches(
    submission: Submission, generator: torch.Generator, batches: Batches
) -> None:
    """Each batch is moved to the device, whatever it is, and training works there as on the CPU."""
    data, size = draw(batches.images, generator), batches.size
    on_cpu, _ = run_epoch(submission, plain(), data, size)
    for device in (PRETENDED, str(PRETENDED)):
        model, value = run_epoch(
            submission, plain(), data, size, device=device, before=lambda m: m.move(PRETENDED)
        )
        number(value, "the returned loss")
        because = (
            "On a device other than the CPU the weights change in another way than on the CPU."
        )
        right = same(model.state(), on_cpu.state())
        expect(right, got="other weights", want="those of the CPU", because=because)
        expect_moved(model)


def run_fit(
    submission: Submission,
    model: Model,
    train_data: Data,
    val_data: Data,
    *,
    sizes: tuple[int, int],
    epochs: int,
    lr: float,
    device: torch.device | str = "cpu",
) -> list[dict[str, float]]:
    """One call of `fit`: its history as floats.

    `sizes` are those of a training and of a validation batch.
    """
    train_loader = submission.build(Loader(*train_data, batch_size=sizes[0]))
    val_loader = submission.build(Loader(*val_data, batch_size=sizes[1]))
    value = submission.call(
        "fit", model, train_loader, val_loader, epochs=epochs, lr=lr, device=device
    )
    because = f"With epochs={epochs} it must return a list of {epochs} dicts, one per epoch."
    fits = isinstance(value, list | tuple) and len(value) == epochs
    fits = fits and all(isinstance(entry, dict) and entry.keys() >= set(KEYS) for entry in value)
    expect(fits, got=value, want=f"{epochs} dicts with {', '.join(KEYS)}", because=because)
    return [{key: number(entry[key], key) for key in KEYS} for entry in value]


def own_history(
    recipe: Network, train_data: Data, val_data: Data, *, size: int, epochs: int, lr: float
) -> list[tuple[float, float]]:
    """Validation loss and accuracy of the check's own training, after each epoch."""
    model = recipe.build()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    history = []
    for _ in range(epochs):
        model.train()
        train(model, train_data, size, nn.CrossEntropyLoss(), optimizer)
        history.append(measure(model, val_data))
    return history


@check("fit.adam", weight=3)
def test_adam(submission: Submission, generator: torch.Generator) -> None:
    """It trains with cross-entropy and one Adam optimizer with the given learning rate."""
    train_data = draw(30, generator)
    # With wrong labels the validation loss grows from the first epoch on. That must have no effect:
    # no early stopping, and the same `lr` in every epoch.
    wrong = train_data[0], (train_data[1] + 1) % 4
    for seed, epochs, lr, frozen, val_data in (
        (1, 3, 0.03, [], draw(13, generator)),
        (2, 3, 0.1, ["1"], draw(13, generator)),
        (3, 15, 0.003, [], wrong),
    ):
        recipe = Network("Layers", {"layers": PLAIN_LAYERS}, seed=seed, frozen=frozen)
        model = submission.build(recipe)
        arguments: dict[str, Any] = {"epochs": epochs, "lr": lr}
        history = run_fit(submission, model, train_data, val_data, sizes=(4, 5), **arguments)
        want = own_history(recipe, train_data, val_data, size=4, **arguments)
        # AdamW, with its weight decay, is off by 5e-4; rounding errors are 1e-6.
        pairs = zip(history, want, strict=True)
        right = [close(entry["val_loss"], loss, 1e-4) for entry, (loss, _) in pairs]
        because = (
            f"With lr={lr} the model is wrong after the first epoch: use Adam with that `lr` and "
            "its other defaults, nn.CrossEntropyLoss on raw logits, and one step for every batch."
        )
        if close(history[0]["val_loss"], measure(recipe.build(), val_data)[0], 1e-4):
            because = (
                "After the first epoch the validation still sees the untrained model: measure the "
                "model that was trained, after the epoch's training."
            )
        elif history[0] == history[-1]:
            because = (
                "Every epoch has the same numbers: make a new dict for each one, inside the loop."
            )
        expect(right[0], got=history[0], want=want[0], because=because)
        because = (
            f"With lr={lr} the first epoch is right and a later one is not: use one Adam for all "
            "epochs, made before the loop, with a constant `lr` and no weight decay, and train in "
            "every epoch."
        )
        expect(all(right), got=history, want=want, because=because)


@check("fit.train_loss")
@for_all(4, batches=short_batches(), epochs=numbers(1, 3))
def test_train_loss(
    submission: Submission, generator: torch.Generator, batches: Batches, epochs: int
) -> None:
    """`train_loss` is the mean loss per training sample, a number for each epoch."""
    images, labels = draw(batches.images, generator)
    train_data = images * 5, labels  # losses that differ from batch to batch
    recipe = standing_still(3, dropout=0.0)
    arguments: dict[str, Any] = {"sizes": (batches.size, 3), "epochs": epochs, "lr": 0.01}
    model = submission.build(recipe)
    history = run_fit(submission, model, train_data, draw(7, generator), **arguments)
    want, _ = measure(recipe.build(), train_data)
    because = (
        f"With batches of {batches.size} images and one of {batches.last} `train_loss` is not the "
        "mean of all images: weight each batch's mean by its number of images, add up over the "
        "epoch, and divide by the number of all images."
    )
    right = all(close(entry["train_loss"], want) for entry in history)
    expect(right, got=history, want=want, because=because)


@check("fit.validation", weight=2)
@for_all(5, batches=short_batches(), seed=SEEDS)
def test_validation(
    submission: Submission, generator: torch.Generator, batches: Batches, seed: int
) -> None:
    """`val_loss` and `val_accuracy` are measured per sample and in eval mode."""
    # A dropout rate of 1.0 leaves nothing of the images in training mode.
    recipe = standing_still(seed, dropout=1.0)
    images, _ = draw(batches.images, generator)
    val_data = images * 5, half_right(recipe.build(), images * 5, generator)
    arguments: dict[str, Any] = {"sizes": (4, batches.size), "epochs": 2, "lr": 0.01}
    model = submission.build(recipe)
    history = run_fit(submission, model, draw(12, generator), val_data, **arguments)
    loss, accuracy = measure(recipe.build(), val_data)
    rule = (
        f"With batches of {batches.size} and one of {batches.last}: are all images of `val_loader` "
        "measured, in eval mode, and does every one count the same?"
    )
    for entry in history:
        because = f"`val_loss` is not the mean loss. {rule}"
        expect(close(entry["val_loss"], loss), got=entry, want=loss, because=because)
        because = (
            "`val_accuracy` is not the fraction, 0 to 1, of right answers: count, over all "
            "batches, the images whose largest logit is that of the label, and divide once by the "
            "number of images."
        )
        right = close(entry["val_accuracy"], accuracy, 1e-4)
        expect(right, got=entry, want=accuracy, because=because)


@check("fit.validation_without_gradients", needs=["fit.validation"])
def test_validation_without_gradients(submission: Submission, generator: torch.Generator) -> None:
    """Validation computes no gradients."""
    train_data, val_data = draw(16, generator, 8, 10), draw(11, generator, 8, 10)
    model = submission.build(Network("RecordedNet", {"widths": [4]}))
    arguments: dict[str, Any] = {"sizes": (8, 5), "epochs": 2, "lr": 0.01}
    run_fit(submission, model, train_data, val_data, **arguments)
    # Training batches hold 8 images; validation batches of any size are allowed. An answer that
    # measures a copy of the model leaves no records; another check tests what it measures.
    calls = [call for call in model.records() if call["batch"] != 8]
    with_gradients = [call for call in calls if call["gradients"]]
    because = "Validation images pass through the model with gradients on: use `torch.no_grad()`."
    expect(not with_gradients, got=with_gradients, want="none", because=because)


@check("fit.every_epoch_in_train_mode", weight=2)
def test_every_epoch_in_train_mode(submission: Submission, generator: torch.Generator) -> None:
    """Dropout and BatchNorm of trainable parts train in every epoch, not only in the first."""
    # After a Dropout of rate 1.0 the head's weights get no gradient in training mode.
    recipe = Network("SmallNet", {"widths": [4], "dropouts": [0.0, 1.0]})
    before = recipe.build().state_dict()
    train_data, val_data = draw(12, generator, 8), one_of_each(generator)
    for epochs, training in ((2, False), (3, True)):
        model = submission.build(recipe)
        model.set_training(dict.fromkeys(model.modules(), training))
        arguments: dict[str, Any] = {"sizes": (4, 5), "epochs": epochs, "lr": 0.01}
        run_fit(submission, model, train_data, val_data, **arguments)
        state = model.state()
        # Weight decay, which another check tests, pulls all weights towards 0, or at most one step
        # past it; training makes some of them larger.
        grown = state["head.2.weight"].abs() - before["head.2.weight"].abs()
        still = grown.max().item() < 2 * arguments["lr"]
        because = (
            "The Dropout of a trainable part did not drop in some epoch: a loaded model is in eval "
            "mode, and after each validation it is again. Set the mode at the start of every epoch."
        )
        expect(still, got="moved", want="nothing to learn from", because=because)
        # An answer may restore the weights and statistics of the best epoch at the end, so only one
        # epoch's batches are certain to be counted.
        seen = int(state["block1.norm.num_batches_tracked"])
        because = (
            "The BatchNorm of a trainable part must collect statistics from every training batch: "
            "only frozen parts are in eval mode while training."
        )
        expect(seen >= 3, got=seen, want="all batches", because=because)


FROZEN: tuple[tuple[list[str], bool], ...] = (
    (["block1"], True),
    (["block1", "block2"], False),
    (["block1.norm"], True),
    (["block2", "scale"], False),
)


@check("fit.frozen_parts", weight=3)
def test_frozen_parts(submission: Submission, generator: torch.Generator) -> None:
    """Frozen parts keep weights and BatchNorm statistics, drop nothing, and the rest learns."""
    for frozen, training in FROZEN:
        rates = [float(name in frozen) for name in ("block1", "block2")]
        options = {"widths": [4, 4], "dropouts": [*rates, 0.0]}
        recipe = Network("SmallNet", options, frozen=frozen)
        model = submission.build(recipe)
        model.set_training(dict.fromkeys(model.modules(), training))
        trainable = model.trainable()
        train_data, val_data = draw(12, generator, 8), one_of_each(generator)
        arguments: dict[str, Any] = {"sizes": (4, 5), "epochs": 2, "lr": 0.01}
        run_fit(submission, model, train_data, val_data, **arguments)
        state, before = model.state(), recipe.build().state_dict()
        because = (
            "Training changed which parameters require gradients: frozen ones must stay frozen."
        )
        expect(model.trainable() == trainable, got="others", want="the same", because=because)
        moved = {name for name in before if not torch.equal(state[name], before[name])}
        inside = {n for n in moved if any(f"{n}.".startswith(f"{part}.") for part in frozen)}
        weights = inside & dict(recipe.build().named_parameters()).keys()
        because = "Frozen parameters changed: only those that require gradients may be trained."
        expect(not weights, got=weights, want="none", because=because)
        because = (
            "The running statistics of a frozen BatchNorm moved: in every epoch, after "
            "`model.train()`, put every frozen part, however deep inside, back into eval mode. A "
            "later `model.train()`, perhaps in `train_one_epoch`, undoes that."
        )
        expect(not inside, got=inside, want="none", because=because)
        # A frozen part that dropped everything would leave the head without a gradient.
        norms = {n for n in trainable if n.endswith("norm.weight")}
        learnt = norms | {"head.2.weight"}
        because = (
            "A trainable part did not learn: the Dropout of a frozen part dropped its input, or "
            "its parameters never reached the optimizer."
        )
        expect(learnt <= moved, got=moved, want=learnt, because=because)
        because = (
            "The BatchNorm of a trainable part collected no statistics because another part is "
            "frozen: only parts without any trainable parameter go to eval mode."
        )
        collected = {n.replace("weight", "running_mean") for n in norms}
        expect(collected <= moved, got=moved, want=collected, because=because)
    for _ in range(3):  # the loss of one batch can be right by chance
        images, labels = draw(12, generator)
        model = submission.build(frozen_norm())
        arguments = {"sizes": (12, 5), "epochs": 2, "lr": 0.01}  # one batch: no weights needed
        history = run_fit(submission, model, (images * 5, labels), draw(8, generator), **arguments)
        want, _ = measure(frozen_norm().build(), (images * 5, labels))
        because = (
            "A frozen BatchNorm normalised by the batch's own statistics while training: put it "
            "into eval mode, where it uses the stored ones. `track_running_stats = False` does not "
            "do that."
        )
        right = all(close(entry["train_loss"], want) for entry in history)
        expect(right, got=history, want=want, because=because)


@check("fit.device")
@for_all(2, batches=short_batches(), validation=short_batches())
def test_fit_device(
    submission: Submission, generator: torch.Generator, batches: Batches, validation: Batches
) -> None:
    """It moves the model to the device, and trains and measures there as on the CPU."""
    train_data, val_data = draw(batches.images, generator), draw(validation.images, generator)
    arguments: dict[str, Any] = {"sizes": (batches.size, validation.size), "epochs": 2, "lr": 0.03}
    want = run_fit(submission, submission.build(plain()), train_data, val_data, **arguments)
    for device in (PRETENDED, str(PRETENDED)):
        model = submission.build(plain())
        history = run_fit(submission, model, train_data, val_data, device=device, **arguments)
        devices = {p.device for p in model.parameters().values()}
        because = "Afterwards the model is not on the device: `fit` must move it there itself."
        expect(devices == {str(PRETENDED)}, got=devices, want=PRETENDED, because=because)
        pairs = zip(history, want, strict=True)
        right = all(close(one[key], other[key]) for one, other in pairs for key in KEYS)
        because = "On a device other than the CPU the history has other numbers than on the CPU."
        expect(right, got=history, want=want, because=because)


@check("fit.nothing_to_train", needs=["fit.history"])
def test_nothing_to_train(submission: Submission, generator: torch.Generator) -> None:
    """A wholly frozen model is a ValueError, on any device."""
    data = draw(8, generator, 8)
    because = "No parameter requires gradients, so nothing can be trained: raise ValueError."
    parts = ["block1", "block2", "head", "scale"]
    for device in ("cpu", PRETENDED):
        model = submission.build(Network("SmallNet", {"widths": [4, 4]}, frozen=parts))
        loaders = [submission.build(Loader(*data, batch_size=4)) for _ in range(2)]
        arguments: dict[str, Any] = {"epochs": 1, "lr": 0.01, "device": device}
        submission.raises("ValueError", "fit", model, *loaders, because=because, **arguments)


@check("fit.learns", weight=2)
def test_learns(
    submission: Submission, generator: torch.Generator, course: Course, record_property: Record
) -> None:
    """A small network learns to recognise garments that it has not seen."""
    seed = int(torch.randint(0, 2**31, (), generator=generator))
    images, labels = load_images(course, 840, seed)
    images = images[:, None].float() / 127.5 - 1
    train_data, val_data = (images[:640], labels[:640]), (images[640:], labels[640:])
    model = submission.build(Network("SmallNet", {"widths": [8, 16]}))
    arguments: dict[str, Any] = {"sizes": (32, 64), "epochs": 5, "lr": 0.003}
    run_fit(submission, model, train_data, val_data, **arguments)
    right = model.logits(val_data[0]).argmax(dim=1) == val_data[1]
    accuracy = right.float().mean().item()
    because = (
        "After five epochs the network recognises too few of the garments it has not seen: does "
        "the model that was passed in learn, from every batch, in every epoch?"
    )
    want = course.thresholds.trained_accuracy
    record_property("accuracy", accuracy)
    record_property("wanted", want)
    expect(accuracy >= want, got=f"{accuracy:.0%}", want=f"{want:.0%}", because=because)
