"""Optuna across the border: trials that the judge answers, objectives that it understands.

The learner's `objective(trial, …)` gets a `JudgedTrial`, each of whose questions is answered by the
check's `ScriptedTrial`. The learner's `run_study(objective, …)` gets one of `OBJECTIVES`, whose
value the check can compute from the parameters that the study recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import optuna

PEAK: Final = 0.25


@dataclass
class ScriptedTrial:
    """The judge's side of a trial: answers as scripted, and remembers every question.

    Attributes:
        answers: the value of each hyperparameter by name.
        prune_after: after how many reports `should_prune` turns True (None: never).
        number: the trial's number.
        suggestions: what was asked for, by name.
        reports: `(step, value)` of each report.
        pruning_questions: how many reports had come whenever `should_prune` was asked.
    """

    answers: dict[str, Any]
    prune_after: int | None = None
    number: int = 0
    suggestions: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: list[tuple[Any, Any]] = field(default_factory=list)
    pruning_questions: list[int] = field(default_factory=list)

    def answer(self, question: str, **fields: Any) -> Any:
        """The answer to one question; `ValueError` when there is none."""
        match question:
            case "suggest":
                return self._suggest(**fields)
            case "report":
                self.reports.append((fields["step"], fields["value"]))
                return None
            case "should_prune":
                self.pruning_questions.append(len(self.reports))
                return self.prune_after is not None and len(self.reports) >= self.prune_after
        raise ValueError(f"a trial has no {question!r}")

    def _suggest(self, name: str, **space: Any) -> Any:
        self.suggestions[name] = space
        if name not in self.answers:
            known = ", ".join(self.answers)
            raise ValueError(f"{name!r} is not a hyperparameter of this task (they are: {known})")
        return self.answers[name]

    def __str__(self) -> str:
        return "trial"


def _judged_trial() -> type[Any]:
    import optuna

    class Judged(optuna.Trial):
        """A trial whose every question goes to the judge."""

        def __init__(self, number: int, question: Callable[..., Any]) -> None:
            self._number = number
            self._question = question
            self._drawn: dict[str, Any] = {}
            self._attributes: dict[str, Any] = {}

        def _suggest_value(self, name: str, **space: Any) -> Any:
            self._drawn[name] = self._question(question="suggest", name=name, **space)
            return self._drawn[name]

        def suggest_float(
            self, name: str, low: float, high: float, *, step: Any = None, log: bool = False
        ) -> float:
            space = {"kind": "float", "low": float(low), "high": float(high), "log": bool(log)}
            return float(self._suggest_value(name, **space))

        def suggest_int(
            self, name: str, low: int, high: int, *, step: int = 1, log: bool = False
        ) -> int:
            space = {"kind": "choice", "choices": list(range(low, high + 1, step))}
            return int(self._suggest_value(name, **space))

        def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
            return self._suggest_value(name, kind="choice", choices=list(choices))

        def report(self, value: float, step: int) -> None:
            self._question(question="report", value=float(value), step=int(step))

        def should_prune(self) -> bool:
            return bool(self._question(question="should_prune"))

        def set_user_attr(self, key: str, value: Any) -> None:
            self._attributes[key] = value

        @property
        def number(self) -> int:
            return self._number

        @property
        def params(self) -> dict[str, Any]:
            return dict(self._drawn)

        @property
        def user_attrs(self) -> dict[str, Any]:
            return dict(self._attributes)

    return Judged


def JudgedTrial(number: int, question: Callable[..., Any]) -> Any:  # noqa: N802
    """A trial for the learner's code; Optuna is imported only when one is needed."""
    return _judged_trial()(number, question)


def smooth(trial: "optuna.Trial") -> float:
    """A hill: 1 at x = `PEAK`, lower elsewhere; reports its value in three steps."""
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
    if trial.number < 2:
        x = trial.suggest_float("x", -1.0, 1.0)
        return float("nan") * x
    return smooth(trial)


def hopeless_later(trial: "optuna.Trial") -> float:
    """Good in the study's first trials, hopeless in all later ones: a median pruner stops those."""
    import optuna

    x = trial.suggest_float("x", -1.0, 1.0)
    value = 1.0 - trial.number * 0.01 if trial.number < 12 else -10.0 - trial.number
    for step in range(30):
        trial.report(value, step)
        if trial.should_prune():
            raise optuna.TrialPruned
    return value + 0.0 * x


OBJECTIVES: Final = {f.__name__: f for f in (smooth, failing_at_first, hopeless_later)}


@dataclass(frozen=True)
class Objective:
    """One of `OBJECTIVES`, for the learner's `run_study`."""

    name: str = "smooth"

    def __str__(self) -> str:
        return "objective"


def describe_study(study: Any) -> dict[str, Any]:
    """A study as plain data."""
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
        "sampler": [cls.__name__ for cls in type(study.sampler).__mro__],
        "pruner": [cls.__name__ for cls in type(study.pruner).__mro__],
        "trials": trials,
    }
