"""The boundary of a paper is what its two theorems leave between them."""

import pytest
import sympy

import bounds
from bounds.overfitting_thresholds import FLIP, HARM
from bounds.symbols import d, mu, n, q, sigma_n

SIDES = {
    "threshold-benign": ("benign-overfitting", "harmful-overfitting"),
    "threshold-relu-benign": ("relu-benign-overfitting", "relu-harmful-overfitting"),
}


def boundary_of(theorem):
    (one,) = bounds.THRESHOLD_THEOREMS[theorem].boundaries.values()
    return one


@pytest.mark.parametrize("theorem", SIDES)
def test_index_is_that_of_both_premises(theorem):
    index = boundary_of(theorem).index
    for side, name in enumerate(SIDES[theorem]):
        premise = bounds.SIBLING_THEOREMS[name].conditions["signal-to-noise"]
        inverted = side == 1 and premise.direction == "lower"
        asked = 1 / premise.expression if inverted else premise.expression
        assert sympy.simplify(asked / index) == 1


@pytest.mark.parametrize("theorem", SIDES)
def test_every_other_premise_of_both_sides_is_asked_for(theorem):
    asked = bounds.THRESHOLD_THEOREMS[theorem].conditions
    for name in SIDES[theorem]:
        own = dict(bounds.SIBLING_THEOREMS[name].conditions)
        assert own.pop("signal-to-noise")
        assert {id: asked[id] for id in own} == own


@pytest.mark.parametrize("theorem", SIDES)
def test_joining_two_recalled_theorems_is_told_as_derived(theorem):
    one = boundary_of(theorem)
    assert one.source.tag == bounds.THRESHOLD_THEOREMS[theorem].source.tag == "derived"
    assert "recalled*" in one.source.note
    assert one.statement in bounds.THRESHOLD_THEOREMS[theorem].statement


@pytest.mark.parametrize("theorem", SIDES)
def test_index_has_no_unit(theorem):
    assert bounds.unit(boundary_of(theorem).index) == 0


def test_level_is_where_the_harmful_side_speaks():
    loss = bounds.SIBLING_THEOREMS["harmful-overfitting"].claims["test-loss"].bound
    error = bounds.SIBLING_THEOREMS["relu-harmful-overfitting"].claims["test-error"].bound
    assert boundary_of("threshold-benign").level == float(loss) == HARM
    at = boundary_of("threshold-relu-benign")
    assert at.level == pytest.approx(float(error.subs(bounds.SYMBOLS["flip"].symbol, FLIP)))


def test_indices_are_those_of_the_papers():
    snr = mu / (sigma_n * sympy.sqrt(d))
    assert sympy.simplify(boundary_of("threshold-benign").index - n * snr**q) == 0
    relu = boundary_of("threshold-relu-benign").index
    assert sympy.simplify(relu - n * mu**4 / (sigma_n**4 * d)) == 0
