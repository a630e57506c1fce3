"""`benchmarks/steadiness.py`: nothing is run twice, nothing wrong is overlooked."""

import importlib.util
import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType

import pytest

from grader.authoring.audit.answers import Answer, Kind
from grader.judge.markers import Check
from tests.support.corpus import ROOT, course, solution


@pytest.fixture(scope="module")
def steadiness() -> ModuleType:
    path = ROOT / "benchmarks" / "steadiness.py"
    spec = importlib.util.spec_from_file_location("steadiness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["steadiness"] = module
    spec.loader.exec_module(module)
    return module


def answer(text: str, kind: Kind, fails: str = "") -> Answer:
    return Answer("00", kind, Path(f"{kind}.py"), text, fails)


def test_a_right_answer_has_no_wrong_verdict(steadiness: ModuleType) -> None:
    run = steadiness.one_run(answer(solution("00").text, Kind.SOLUTION), 1)
    assert run.wrong == {}


def test_a_right_answer_that_fails_is_named_with_its_checks(steadiness: ModuleType) -> None:
    text = solution("00").text.replace("round(val_fraction", "int(val_fraction")
    run = steadiness.one_run(answer(text, Kind.VARIANT), 1)
    assert run.wrong == {"00.split_train_val.sizes_hidden": "failed"}
    lines = list(steadiness.report([run], {run.name: answer(text, Kind.VARIANT)}))
    assert lines[1].split() == ["00", "1", "x", "1", "1", "0", "x", "0", "0"]
    assert lines[2] == "  variant.py, seed 1: 00.split_train_val.sizes_hidden failed"


def test_a_mutant_is_wrong_when_the_check_it_names_passes(steadiness: ModuleType) -> None:
    mutant = answer(solution("00").text, Kind.MUTANT, "00.split_train_val.sizes_hidden")
    run = steadiness.one_run(mutant, 1)
    assert run.wrong == {"00.split_train_val.sizes_hidden": "passed"}
    caught = replace(mutant, text=mutant.text.replace("round(val_fraction", "int(val_fraction"))
    assert steadiness.one_run(caught, 1).wrong == {}


def test_a_check_is_run_with_all_that_it_waits_for(steadiness: ModuleType) -> None:
    def check(name: str, *needs: str) -> Check:
        return Check(name, "", 1.0, needs, hidden=True)

    checks = {c.id: c for c in (check("a"), check("b", "a"), check("c", "b"), check("d"))}
    assert steadiness._needed(checks, "c") == {"a", "b", "c"}


def test_runs_are_kept_and_a_line_that_was_cut_off_is_skipped(
    steadiness: ModuleType, tmp_path: Path
) -> None:
    run = steadiness.Run("00", "mutant", "a.py", 3, "of", {}, {"00.x.y": {"accuracy": 0.5}})
    path = tmp_path / "runs.jsonl"
    path.write_text(f"{steadiness.json.dumps(asdict(run))}\n{{'exercise", "utf-8")
    assert list(steadiness.read(path)) == [run]


def test_another_answer_and_other_checks_are_another_run(steadiness: ModuleType) -> None:
    one, other = (answer(text, Kind.VARIANT) for text in ("a = 1", "a = 2"))
    assert steadiness.digest(one) != steadiness.digest(other)
    assert steadiness.digest(one) != steadiness.digest(replace(one, exercise="01"))


def test_margins_are_those_of_right_answers_and_of_mutants_that_name_the_check(
    steadiness: ModuleType,
) -> None:
    check = "04.fit.learns"

    def run(kind: str, name: str, accuracy: float) -> object:
        figures = {check: {"accuracy": accuracy, "wanted": 0.6}}
        return steadiness.Run("04", kind, name, 0, "", {}, figures)

    runs = [run("variant", "a", 0.8), run("variant", "b", 0.7)]
    runs += [run("mutant", "c", 0.3), run("mutant", "d", 0.9)]
    known = {"c": answer("", Kind.MUTANT, check), "d": answer("", Kind.MUTANT, "04.fit.adam")}
    assert list(steadiness.margins(runs, known))[1].split() == [check, "0.700", "0.300", "0.6"]


def test_training_exercises_have_fewer_seeds(steadiness: ModuleType) -> None:
    assert set(steadiness.FEWER) <= set(course().exercises)
