"""Optuna across the border: trials that the judge answers, and objectives that it knows.

The learner's `objective(trial, …)` gets a `JudgedTrial`, which passes every question on to the
check's `ScriptedTrial`. The learner's `run_study(objective, …)` gets one of `OBJECTIVES`, whose
value the check can compute from the parameters that the study recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import optuna

PEAK: Final = 0.25
BELOW_MEDIAN: Final = range(20, 24)  # late enough that any pruner has finished its startup trials
MOST_CHOICES: Final = 1000  # the most choices sent to the judge: no hyperparameter has more


@dataclass
class ScriptedTrial:
    """The judge's side of a trial: answers as scripted, and records every question.

    Attributes:
        answers: the value of each hyperparameter by name; one that is not listed gets the first
            value of its range or choices.
        prune_after: the number of reports after which `should_prune` is True (None: never).
        number: the trial's number.
        suggestions: the range or choices that were asked for, by name.
        reports: the `(step, value)` of each report.
        pruning_questions: the number of reports so far, for each call of `should_prune`.
    """

    answers: dict[str, Any]
    prune_after: int | None = None
    number: int = 0
    suggestions: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: list[tuple[Any, Any]] = field(default_factory=list)
    pruning_questions: list[int] = field(default_factory=list)

    def answer(self, question: str, **fields: Any) -> Any:
        """The answer to one question; `ValueError` for an unknown question."""
        match question:
            case "suggest":
                return self._suggest(**fields)
            case "report":
                return self._report(**fields)
            case "should_prune":
                self.pruning_questions.append(len(self.reports))
                return self.prune_after is not None and len(self.reports) >= self.prune_after
        raise ValueError(f"a trial has no {question!r}")

    def _report(self, step: Any, value: Any) -> None:
        self.reports.append((step, value))

    def _suggest(self, name: str, **space: Any) -> Any:
        """The scripted answer; a name without one gets the first value of its range or choices."""
        self.suggestions[name] = space
        first = space["low"] if "low" in space else next(iter(space.get("choices") or [None]))
        return self.answers.get(name, first)

    def __str__(self) -> str:
        return "trial"


@cache
def _judged_trial() -> type[Any]:
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    class Judged(optuna.Trial):
        """A real trial in a private study, except that the judge suggests values and prunes."""

        def __init__(self, number: int, question: Callable[..., Any]) -> None:
            study = _quiet_study()
            super().__init__(study, study.ask()._trial_id)
            self._number = number
            self._question = question
            self._drawn: dict[str, Any] = {}

        def _drawn_from(self, name: str, **space: Any) -> Any:
            self._drawn[name] = self._question(question="suggest", name=name, **space)
            return self._drawn[name]

        # Optuna's distributions reject invalid arguments as they would in a real trial.

        def suggest_float(
            self, name: str, low: float, high: float, *, step: Any = None, log: bool = False
        ) -> float:
            space = FloatDistribution(low, high, log=log, step=step)
            bounds = {"low": space.low, "high": space.high, "log": space.log}
            return float(self._drawn_from(name, kind="float", **bounds))

        def suggest_int(
            self, name: str, low: int, high: int, *, step: int = 1, log: bool = False
        ) -> int:
            space = IntDistribution(low, high, log=log, step=step)
            values = range(space.low, space.high + 1, space.step)[:MOST_CHOICES]
            return int(self._drawn_from(name, kind="choice", choices=list(values)))

        def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
            space = CategoricalDistribution(choices)
            return self._drawn_from(name, kind="choice", choices=list(space.choices))

        def report(self, value: float, step: int) -> None:
            self._question(question="report", value=float(value), step=int(step))

        def should_prune(self) -> bool:
            return bool(self._question(question="should_prune"))

        @property
        def number(self) -> int:
            return self._number

        @property
        def params(self) -> dict[str, Any]:
            return dict(self._drawn)

    return Judged


def _quiet_study() -> "optuna.Study":
    """A new study in memory, without the log line that Optuna would print."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(direction="maximize")
    finally:
        optuna.logging.set_verbosity(level)


def JudgedTrial(number: int, question: Callable[..., Any]) -> Any:  # noqa: N802
    """A trial for the learner's code. Optuna is imported only when a trial is needed."""
    return _judged_trial()(number, question)


def smooth(trial: "optuna.Trial") -> float:
    """A parabola with its maximum of 1 at x = `PEAK`; reports its value in three steps."""
    import optuna

    x = trial.suggest_float("x", -1.0, 1.0)
    value = 1.0 - (x - PEAK) ** 2
    for step in range(3):
        trial.report(value, step)
        if trial.should_prune():
            raise optuna.TrialPruned
    return value


def failing_at_first(trial: "optuna.Trial") -> float:
    """`smooth`, except that the study's first two trials fail."""
    value = smooth(trial)
    return value if trial.number >= 2 else float("nan")


def below_median_later(trial: "optuna.Trial") -> float:
    """Improves with every trial, then has a few trials just below the median, then good ones.

    A pruner that stops more than the worse half of the trials also stops the good ones at the end.
    """
    import optuna

    trial.suggest_float("x", -1.0, 1.0)
    good = 0.6 if trial.number > max(BELOW_MEDIAN) else trial.number / BELOW_MEDIAN.start
    value = 0.4 if trial.number in BELOW_MEDIAN else good
    for step in range(30):
        trial.report(value, step)
        if trial.should_prune():
            raise optuna.TrialPruned
    return value


OBJECTIVES: Final = {f.__name__: f for f in (smooth, failing_at_first, below_median_later)}


@dataclass(frozen=True)
class Objective:
    """One of `OBJECTIVES`, for the learner's `run_study`."""

    name: str = "smooth"

    def __str__(self) -> str:
        return "objective"


def describe_study(study: Any) -> dict[str, Any]:
    """Describe a study as plain data."""
    trials = [
        {
            "number": trial.number,
            "state": trial.state.name,
            "value": trial.value if trial.state.name == "COMPLETE" else None,
            "params": dict(trial.params),
            "reports": len(trial.intermediate_values),
        }
        for trial in study.get_trials(deepcopy=False)
    ]
    return {
        "name": study.study_name,
        "direction": study.direction.name,
        "best": study.best_value if any(trial["state"] == "COMPLETE" for trial in trials) else None,
        "sampler": [cls.__name__ for cls in type(study.sampler).__mro__],
        "pruner": [cls.__name__ for cls in type(study.pruner).__mro__],
        "trials": trials,
    }
