"""Theorems and how they are measured, found by id or by the path of a module."""

from types import SimpleNamespace

import pytest

import bounds
import theorycheck as tc
from theorycheck.judging.quantities import EVENTS, LEFT_SIDES
from theorycheck.judging.theorems import default_family, find, is_module

MODULE = """
from bounds.statements import BIG_O, Claim, Source, Theorem
SOURCE = Source("me", "derived", "")
CLAIM = Claim("mine", "", "", 1, BIG_O, SOURCE)
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"mine": CLAIM}, "mine too")
QUANTITIES = {"mine": lambda run, test: 2}
EVENTS = {"mine too": lambda event: event.no_own_signal}
"""


@pytest.mark.parametrize("theorem", list(bounds.THEOREMS))
def test_built_in_theorem_is_found_by_its_id(theorem):
    subject = find(theorem)
    assert subject.theorem is bounds.THEOREMS[theorem]
    assert dict(subject.quantities) == LEFT_SIDES
    assert subject.in_event is EVENTS[subject.theorem.inside]
    assert subject.family is None


def test_event_is_the_one_the_theorem_names():
    assert find("mild-pruning").in_event is EVENTS["learnable"]
    assert find("over-pruning").in_event is EVENTS["memorizable"]


@pytest.mark.parametrize("reference", ["x", "", "lemmas", "Mild-pruning"])
def test_unknown_theorem_is_refused(reference):
    with pytest.raises(
        ValueError, match=r"one of mild-pruning, over-pruning, .* or the path .*, got"
    ):
        find(reference)


def test_module_adds_to_what_is_built_in(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(MODULE)
    subject = find(str(path))
    assert subject.theorem.id == "own"
    assert set(subject.quantities) == {*LEFT_SIDES, "mine"}
    run = SimpleNamespace(seed=0, problem=None)
    assert subject.quantities["mine"](run, None) == 2.0
    for answer in (True, False):
        assert subject.in_event(SimpleNamespace(no_own_signal=answer)) is answer


def test_module_is_found_from_the_folder_it_lies_in(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    assert find("own.py") is find(str(tmp_path / "own.py"))


def test_two_modules_of_one_name_are_two_theorems(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.py").write_text(MODULE.replace('"own"', f'"{name}"'))
    ids = [find(str(tmp_path / name / "own.py")).theorem.id for name in ("a", "b")]
    assert ids == ["a", "b"]


def test_modules_are_told_by_their_ending():
    assert is_module("a/b.py")
    assert not is_module("mild-pruning")


def test_theorem_without_a_family_takes_the_one_of_its_regime(tmp_path):
    (tmp_path / "own.py").write_text(MODULE)
    assert default_family(find(str(tmp_path / "own.py"))) == tc.mild_family()
    assert default_family(find("over-pruning")) == tc.over_family()
