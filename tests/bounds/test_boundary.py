"""A boundary: an index without a unit, and the side of a level that it promises."""

import math

import pytest
from sympy import sqrt

import bounds
from bounds import Boundary, Source
from bounds.symbols import d, mu, n, q, sigma_n

SOURCE = Source("my notebook", "derived", "page 1")
INDEX = n * (mu / (sigma_n * sqrt(d))) ** q
AT = {"n": 20, "mu": 1.0, "sigma_n": 0.01, "d": 400, "q": 3.0}


def boundary(**given):
    return Boundary("own", "iff", "error", INDEX, SOURCE, **{"level": 0.25, **given})


def test_index_is_evaluated_at_a_problem():
    assert boundary().evaluate(AT) == pytest.approx(20 * 5.0**3)
    assert boundary().evaluate(AT, log=True) == pytest.approx(math.log(2500))


def test_index_of_the_theory_has_no_unit():
    assert bounds.unit(boundary().index) == 0


@pytest.mark.parametrize(("side", "small"), [("below", True), ("above", False)])
def test_success_is_the_side_that_is_named(side, small):
    one = boundary(side=side)
    assert (one.succeeds(0.1), one.succeeds(0.3)) == (small, not small)
    assert one.succeeds(0.25)


def test_quantity_is_found_by_the_id_unless_another_is_named():
    assert boundary().measure == "own"
    assert boundary(measure="test-error").measure == "test-error"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"constant": 0.0}, "constant of boundary 'own' must be a finite number greater than 0"),
        ({"level": math.inf}, "level of boundary 'own' must be a finite number, got inf"),
        ({"side": "left"}, "side of boundary 'own' must be 'below' or 'above', got 'left'"),
    ],
)
def test_bad_boundary_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        boundary(**given)
