"""What a verdict says of itself."""

import math

from theorycheck.judging.verdict import OUTCOMES, SizeSummary, Verdict


def summary(**changes):
    values = {
        "size": 1000.0,
        "in_event": 3,
        "runs": 4,
        "step": 10.0,
        "measured": 2.0,
        "log_bound": 0.0,
        "implied": 2.0,
        "implied_high": 3.0,
    }
    return SizeSummary(**{**values, **changes})


def verdict(*sizes):
    return Verdict("t", "c", "s", "O", "paper", "undecided", "", "d", tuple(sizes))


def test_outcomes_are_the_five():
    assert set(OUTCOMES) == {"holds", "consistent", "refuted", "premise not met", "undecided"}


def test_implied_constant_is_that_of_the_largest_size():
    small, large = summary(), summary(size=5000.0, implied=0.5, implied_high=0.7)
    assert verdict(small, large).implied_constant == (0.5, 0.7)


def test_verdict_without_sizes_has_no_implied_constant():
    assert all(math.isnan(value) for value in verdict().implied_constant)


def test_bound_beyond_the_floats_is_zero_or_infinite():
    bounds_at = [summary(log_bound=log).bound for log in (-math.inf, -2000.0, 0.0, 2000.0)]
    assert bounds_at == [0.0, 0.0, 1.0, math.inf]
