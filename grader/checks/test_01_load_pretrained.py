"""The hidden checks of exercise 01. The weights files are made here: no network is touched."""

import math
import re

import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.models import WeightsEnum, get_model, get_model_weights, get_weight

from grader.check import (
    Handle,
    LearnerError,
    Mismatch,
    Model,
    Submission,
    check,
    expect,
    for_all,
    handle,
    number,
    pair,
    tensor,
)
from grader.course.settings import Course
from grader.judge.strategies import (
    FLAGS,
    NO_ENTRIES,
    NO_MODELS,
    WITH_BATCHNORM,
    Architecture,
    PartlyFrozen,
    grown,
    numbers,
    partly_frozen,
)
from grader.materials.weights import cached_file, find_entry, read_checkpoint
from grader.protocol.recipes import Network

SMALL = "squeezenet1_1"
TWO_ENTRIES = "mobilenet_v2"  # the smallest model with two entries, of which DEFAULT is the second
# How DenseNet's files write the names of its layers; torchvision renames them when it loads.
OLD_NAMES = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))([12]\.)")


# ----------------------------------------------------------------------- load_pretrained


def invented(name: str, generator: torch.Generator) -> nn.Module:
    """A model with secret weights and statistics, in eval mode, as if it had been trained."""
    seed = int(torch.randint(0, 2**31, (), generator=generator))
    model = Network(name, seed=seed).build().eval()
    for buffer_name, buffer in model.named_buffers():
        if buffer_name.endswith("running_mean"):
            buffer.copy_(0.1 * torch.randn(buffer.shape, generator=generator))
        if buffer_name.endswith("running_var"):
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    return model


def install(
    submission: Submission, name: str, generator: torch.Generator
) -> dict[WeightsEnum, nn.Module]:
    """Make a file for every entry of a model, so that no answer, right or wrong, downloads one."""
    models = {entry: invented(name, generator) for entry in get_model_weights(name)}
    for entry, model in models.items():
        state = model.state_dict()
        if name.startswith("densenet"):
            state = {
                OLD_NAMES.sub(r"\1.\2", key): value
                for key, value in state.items()
                if not key.endswith("num_batches_tracked")  # the files are older than these
            }
        submission.install_weights(cached_file(entry).name, state)
    return models


def same_logits(
    model: Model,
    expected: nn.Module,
    generator: torch.Generator,
    *,
    training: bool | None = False,
    side: int = 32,
) -> bool:
    """Whether the model computes what `expected` does; `training=None` leaves its mode as it is."""
    images = torch.randn(2, 3, side, side, generator=generator)
    with torch.no_grad():
        wanted = expected(images)
    found = model.logits(images, training=training)
    if found.shape != wanted.shape:
        return False
    return torch.allclose(found, wanted, rtol=1e-3, atol=1e-4 * float(wanted.abs().max()))


@check("load_pretrained.entry_by_name", weight=2)
def test_entry_by_name(submission: Submission, generator: torch.Generator) -> None:
    """With the name of an entry the model has the weights of that entry, not of another one."""
    models = install(submission, TWO_ENTRIES, generator)
    entry = get_model_weights(TWO_ENTRIES).IMAGENET1K_V1  # not the DEFAULT one
    model = submission.model("load_pretrained", TWO_ENTRIES, weights=entry.name)
    because = "The model has other weights than those of the entry that was asked for: does the "
    because += "argument `weights` reach torchvision?"
    same = same_logits(model, models[entry], generator)
    expect(same, got="other weights", want="the entry's", because=because)


@check("load_pretrained.default_entry", weight=2)
def test_default_entry(submission: Submission, generator: torch.Generator) -> None:
    """Without `weights` the model has the weights of its DEFAULT entry."""
    models = install(submission, TWO_ENTRIES, generator)
    model = submission.model("load_pretrained", TWO_ENTRIES)
    because = (
        "The model does not have the weights of its DEFAULT entry. DEFAULT is an alias, often of "
        "the newest entry: do not assume which one it is."
    )
    same = same_logits(model, models[get_model_weights(TWO_ENTRIES).DEFAULT], generator)
    expect(same, got="other weights", want="the DEFAULT entry's", because=because)


@check("load_pretrained.enum_member", weight=2)
def test_enum_member(submission: Submission, generator: torch.Generator) -> None:
    """`weights` may be a member of the model's `WeightsEnum` instead of a name."""
    models = install(submission, TWO_ENTRIES, generator)
    entry = get_model_weights(TWO_ENTRIES).IMAGENET1K_V1  # not the DEFAULT one
    model = submission.model("load_pretrained", TWO_ENTRIES, weights=entry)
    because = (
        "With a `WeightsEnum` member the model has other weights than that entry's: pass on the "
        "member itself."
    )
    same = same_logits(model, models[entry], generator)
    expect(same, got="other weights", want="the entry's", because=because)


@check("load_pretrained.random_initialisation")
def test_random_initialisation(submission: Submission, generator: torch.Generator) -> None:
    """With `weights=None` the model has random weights, and is in eval mode all the same."""
    [file_model] = install(submission, SMALL, generator).values()
    expected = file_model.state_dict()
    model = submission.model("load_pretrained", SMALL, weights=None)
    state = model.state()
    because = (
        f"That is not the architecture that torchvision registers as {SMALL}: do not change it for "
        "random weights either."
    )
    shapes = {name: value.shape for name, value in state.items()}
    wanted = {name: value.shape for name, value in expected.items()}
    expect(shapes == wanted, got="other parameters", want="torchvision's", because=because)
    because = (
        "With `weights=None` pretrained weights were loaded: None asks for no weights, not for the "
        "default ones."
    )
    matrices = [name for name in state if name.endswith(".weight")]
    loaded = [name for name in matrices if torch.equal(state[name], expected[name])]
    expect(not loaded, got=loaded[:2], want="random weights", because=because)
    because = "All weights of a layer are equal: leave the random initialisation to torchvision."
    flat = [name for name in matrices if float(state[name].std()) == 0]
    expect(not flat, got=flat[:2], want="random weights", because=because)
    training = [name for name, module in model.modules().items() if module.training]
    because = "With random weights, too, the model must be in eval mode."
    expect(not training, got=training[:2], want="eval mode", because=because)


@check("load_pretrained.eval_mode", weight=2)
def test_eval_mode(submission: Submission, generator: torch.Generator) -> None:
    """It computes in eval mode: Dropout drops nothing, BatchNorm uses its stored statistics."""
    name = "mobilenet_v3_small"  # has both
    [expected] = install(submission, name, generator).values()
    model = submission.model("load_pretrained", name)
    training = [name for name, module in model.modules().items() if module.training]
    because = (
        "Modules are in training mode: call `.eval()` on the model. It reaches every part; setting "
        "`model.training` does not."
    )
    expect(not training, got=training[:2], want="none", because=because)
    because = "The logits are not those of the pretrained model in eval mode."
    same = same_logits(model, expected, generator, training=None)
    expect(same, got="other logits", want="those of eval mode", because=because)


@check("load_pretrained.families", weight=2)
def test_families(submission: Submission, generator: torch.Generator) -> None:
    """Every family of models loads, even where torchvision must convert the weights file."""
    for name in ("shufflenet_v2_x0_5", "densenet121"):
        [expected] = install(submission, name, generator).values()
        model = submission.model("load_pretrained", name, weights="IMAGENET1K_V1")
        because = (
            f"{name} does not give the logits of its weights file: let torchvision's registry "
            "build the model and load the file."
        )
        same = same_logits(model, expected, generator)
        expect(same, got="other logits", want="those of the file's weights", because=because)


@check("load_pretrained.unknown_model_hidden")
@for_all(2, drawn=NO_MODELS)
def test_unknown_model(submission: Submission, drawn: str) -> None:
    """A name that is not registered is a ValueError naming it, whatever `weights` is."""
    # `torchvision.models.resnet` exists, but is no model; vgg12 sounds like one.
    for name in ("resnet", "vgg12", drawn):
        for weights in ("DEFAULT", None):
            because = f"{name!r} is not in torchvision's registry: raise ValueError."
            message = submission.raises(
                "ValueError", "load_pretrained", name, weights=weights, because=because
            )
            because = "The message of the ValueError must name the model that is not registered."
            expect(name in message, got=message, want=name, because=because)


@check("load_pretrained.unknown_weights")
@for_all(2, drawn=NO_ENTRIES)
def test_unknown_weights(submission: Submission, generator: torch.Generator, drawn: str) -> None:
    """A weights entry that the model does not have is a ValueError naming it."""
    install(submission, SMALL, generator)
    for weights in ("IMAGENET1K_V2", drawn):  # other models do have a second entry
        because = (
            "The model has no weights entry of that name: raise ValueError (a KeyError is not "
            "one), and do not fall back to another entry."
        )
        message = submission.raises(
            "ValueError", "load_pretrained", SMALL, weights=weights, because=because
        )
        because = "The message of the ValueError must name the weights that do not exist."
        expect(weights in message, got=message, want=weights, because=because)


@check("load_pretrained.course_backbone")
def test_course_backbone(
    submission: Submission, course: Course, generator: torch.Generator
) -> None:
    """The backbone of this course loads, in eval mode, with the weights that the course names."""
    backbone = course.backbone
    entry = find_entry(backbone)
    if entry is None:
        expected = Network(backbone.name, device="meta").build()
    else:
        scratch_mib = course.exercise("01").limits.scratch_mib
        checkpoint = read_checkpoint(backbone, entry, scratch_mib=scratch_mib)
        # The file has just been read safely, so torchvision may read it, too.
        expected = get_model(backbone.name, weights=entry).eval()
        if checkpoint is not None:
            submission.install_weights(
                checkpoint.file_name, checkpoint.state, versions=checkpoint.versions
            )
    model = submission.model("load_pretrained", backbone.name, weights=backbone.weights)
    found = {name: parameter.shape for name, parameter in model.parameters().items()}
    wanted = {name: tuple(p.shape) for name, p in expected.named_parameters()}
    because = f"That is not the architecture that torchvision registers as {backbone.name}."
    expect(found == wanted, got="other parameters", want="torchvision's", because=because)
    training = [name for name, module in model.modules().items() if module.training]
    because = "The model is not in eval mode."
    expect(not training, got=training[:2], want="eval mode", because=because)
    if entry is not None:
        side = max(64, *entry.meta["min_size"])  # transformers accept only that size
        because = f"The model has other weights than {backbone.weights} of {backbone.name}."
        same = same_logits(model, expected, generator, side=side)
        expect(same, got="other logits", want="those of the entry", because=because)


# ------------------------------------------------------------------------- preprocessing


def photo(generator: torch.Generator, width: int, height: int) -> Image.Image:
    """An image of noise: every difference in resizing, cropping and normalising shows."""
    pixels = torch.randint(0, 256, (height, width, 3), generator=generator, dtype=torch.uint8)
    return Image.fromarray(pixels.numpy())


def transformed(transforms: Handle, image: Image.Image) -> Tensor:
    """What the transforms make of an image."""
    try:
        return tensor(transforms(image), "the transformed image")
    except LearnerError as error:
        if "TypeError" not in error.types:
            raise
        because = "What came back cannot be called with an image. An entry's `transforms` is a "
        because += "function that makes the transforms: call it."
        raise Mismatch(error.message, "a transformed image", because) from None


def expect_transforms(
    value: object, entry: WeightsEnum, generator: torch.Generator, because: str
) -> None:
    """`Mismatch` unless `value` does to images what the entry's own transforms do."""
    transforms = handle(value, "callable", "the transforms, which can be called")
    preset = entry.transforms()
    for width, height in ((300, 260), (40, 80)):
        image = photo(generator, width, height)
        expected: Tensor = preset(image)
        found = transformed(transforms, image)
        expect(found.shape == expected.shape, got=found.shape, want=expected.shape, because=because)
        # Pixels may be resized as a PIL image or as a tensor, whose rounding differs by less than a
        # grey level on average. On noise another size, crop or filter differs by dozens.
        distance = (found.double() - expected.double()).abs().mean(dim=(1, 2))
        close = bool((255 * distance * torch.tensor(preset.std) <= 1).all())
        expect(close, got="other values", want="the entry's", because=because)


@check("preprocessing.entries", weight=3)
def test_entries(submission: Submission, generator: torch.Generator) -> None:
    """Each entry has its own resizing, cropping and normalising, even within one architecture."""
    for name, weights in (
        ("resnet50", "IMAGENET1K_V1"),
        ("resnet50", "IMAGENET1K_V2"),
        ("vgg16", "IMAGENET1K_FEATURES"),
        ("vit_b_16", "IMAGENET1K_SWAG_E2E_V1"),
        ("efficientnet_b0", "IMAGENET1K_V1"),
    ):
        value = submission.call("preprocessing", name, weights=weights)
        because = (
            f"These are not the transforms of {name}'s entry {weights}: sizes, filter, mean and "
            "std differ from entry to entry, so take them from the entry."
        )
        expect_transforms(value, get_model_weights(name)[weights], generator, because)


@check("preprocessing.default_entry", weight=2)
def test_default_transforms(submission: Submission, generator: torch.Generator) -> None:
    """Without `weights`, and with "DEFAULT", the transforms are those of the DEFAULT entry."""
    for name in ("resnet50", "convnext_tiny"):
        because = f"These are not the transforms of the DEFAULT entry of {name}, which need not be "
        because += "its first."
        entry = get_model_weights(name).DEFAULT
        expect_transforms(submission.call("preprocessing", name), entry, generator, because)
        value = submission.call("preprocessing", name, weights="DEFAULT")
        expect_transforms(value, entry, generator, because)


@check("preprocessing.enum_member")
def test_member_transforms(submission: Submission, generator: torch.Generator) -> None:
    """`weights` may be a member of the model's `WeightsEnum` instead of a name."""
    because = "With a `WeightsEnum` member the transforms are not those of that entry."
    for text in ("ResNet50_Weights.IMAGENET1K_V1", "ViT_B_16_Weights.IMAGENET1K_SWAG_LINEAR_V1"):
        entry = get_weight(text)
        name = text.partition("_Weights")[0].lower()
        value = submission.call("preprocessing", name, weights=entry)
        expect_transforms(value, entry, generator, because)


@check("preprocessing.none_error", needs=["preprocessing.resnet18"])
def test_none_error(submission: Submission) -> None:
    """`weights=None` is a ValueError, for any model."""
    because = "No preprocessing belongs to random weights: raise ValueError."
    for name in ("resnet50", "vit_b_16"):
        submission.raises("ValueError", "preprocessing", name, weights=None, because=because)


# ----------------------------------------------------------------------- count_parameters


def counts(submission: Submission, recipe: Network) -> tuple[float, float]:
    """The learner's two numbers for a model."""
    value = submission.call("count_parameters", submission.build(recipe))
    total, trainable = pair(value, ("total", "trainable"))
    return number(total, "the total"), number(trainable, "the trainable count")


@check("count_parameters.zoo", weight=2)
def test_zoo(submission: Submission) -> None:
    """The total is the one that torchvision's documentation gives for the model."""
    # Not on the meta device: an answer may recognise a shared parameter by its memory address.
    for name in ("resnet50", "convnext_tiny", "swin_t"):
        expected = get_model_weights(name).IMAGENET1K_V1.meta["num_params"]
        total, _ = counts(submission, Network(name))
        because = (
            f"{name} has another number of parameters: count every number in every parameter, "
            "whatever its shape, in layers of every kind, and also in parameters outside the "
            "layers."
        )
        expect(total == expected, got=total, want=expected, because=because)


@check("count_parameters.trainable", weight=2)
@for_all(8, drawn=partly_frozen(grown()))
def test_trainable(submission: Submission, drawn: PartlyFrozen) -> None:
    """The second number counts the parameters that require gradients, in any network."""
    recipe = drawn.network
    parameters = list(recipe.build().parameters())
    expected = sum(math.prod(p.shape) for p in parameters if p.requires_grad)
    total, trainable = counts(submission, recipe)
    everything = sum(math.prod(p.shape) for p in parameters)
    because = (
        "The first number is not the total, which includes frozen parameters, biases, BatchNorm's "
        "weights, 0-dimensional parameters and those that the model itself holds. The order is "
        "(total, trainable)."
    )
    expect(total == everything, got=total, want=everything, because=because)
    because = "The second number is not the count of the parameters with `requires_grad`."
    expect(trainable == expected, got=trainable, want=expected, because=because)


@check("count_parameters.shared", weight=2)
@for_all(5, width=numbers(1, 30), frozen=FLAGS)
def test_shared(submission: Submission, width: int, frozen: bool) -> None:
    """A parameter that two layers share counts once in both numbers."""
    tied = ["encoder.weight"] if frozen else []
    total, trainable = counts(submission, Network("SharedNet", {"width": width}, frozen=tied))
    once = width**2 + 4 * width
    because = "A parameter that two layers share was counted twice (or buffers were counted)."
    expect(total == once, got=total, want=once, because=because)
    expected = once - width**2 * frozen
    because = (
        "A shared parameter must count once among the trainable ones, or not at all if it is "
        "frozen."
    )
    expect(trainable == expected, got=trainable, want=expected, because=because)


@check("count_parameters.buffers")
@for_all(4, architecture=grown(kinds=WITH_BATCHNORM))
def test_buffers(submission: Submission, architecture: Architecture) -> None:
    """BatchNorm's running statistics are buffers and do not count."""
    recipe = architecture.network
    expected = sum(p.numel() for p in recipe.build().parameters())
    total, _ = counts(submission, recipe)
    because = "Buffers are not parameters: `state_dict` holds both, `parameters()` only the latter."
    expect(total == expected, got=total, want=expected, because=because)
