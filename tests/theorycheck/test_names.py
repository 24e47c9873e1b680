"""A name may be shortened to any start of it that no other name has."""

import pytest

import theorycheck as tc
from theorycheck.commands.check import plan_of
from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find
from theorycheck.names import did_you_mean, full_name

KNOWN = ("mild-pruning", "over-pruning", "over", "race-a", "race-b")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("mild", "mild-pruning"),
        ("m", "mild-pruning"),
        ("mild-pruning", "mild-pruning"),
        ("over", "over"),
        ("over-", "over-pruning"),
        ("race-b", "race-b"),
        ("", ""),
        ("unknown", "unknown"),
        ("pruning", "pruning"),
        ("my_theorem.py", "my_theorem.py"),
    ],
)
def test_start_of_one_name_is_enough(given, name):
    assert full_name(given, KNOWN) == name


def test_start_of_several_is_refused_with_all_of_them():
    with pytest.raises(ValueError, match=r"^THEOREM .* and 'race' begins race-a and race-b$"):
        full_name("race", KNOWN)


@pytest.mark.parametrize(("short", "name"), [("mild", "mild-pruning"), ("over", "over-pruning")])
def test_the_two_theorems_have_short_names_from_python(short, name):
    assert full_name(short, BUILT_IN_THEOREMS) == name
    assert find(short).theorem.id == name
    assert plan_of(short, {}) == plan_of(name, {})
    with pytest.raises(ValueError, match="seeds must"):
        tc.verify(short, seeds=0)


def test_mistyped_name_is_told_what_is_near():
    known = ("mild-pruning", "over-pruning")
    assert did_you_mean("mild-prunning", known) == "; did you mean mild-pruning?"
    assert did_you_mean("lemma", known) == ""
