"""The patterns of the masks: all of them, each once, and as often as chance has it."""

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binom, chisquare

from sims import Problem, patterns
from sims.patterns import Level

LEVEL = 1e-4


def as_sets(members):
    """The patterns of a piece, as sets of neurons."""
    kept = members.kept if isinstance(members.kept, np.ndarray) else members.kept.toarray()
    return [frozenset(members.neurons[column > 0].tolist()) for column in kept.T]


@pytest.mark.parametrize(("signals", "others"), [("axis", 998), ("antipodal", 999)])
def test_unpruned_neurons_keep_all_coordinates_beyond_the_signals(signals, others):
    problem = Problem(1000, 4, 3, 2, 1.0, 1.0, 0.1, 0.1, 0.1, signals=signals)
    for levels in (
        patterns.expected_levels(problem),
        patterns.draw_levels(problem, np.random.default_rng(0)),
    ):
        assert [(level.k, level.coordinates) for level in levels] == [(6, others)]


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("width", [1, 7, 1000])
@pytest.mark.parametrize(("neurons", "sizes"), [(6, (1, 2, 3, 4, 5, 6)), (40, (1, 2)), (5, (5,))])
def test_every_pattern_is_there_once(neurons, sizes, width, sparse):
    pieces = list(patterns.enumerate_members(neurons, sizes, width, sparse))
    assert max(piece.kept.shape[1] for piece in pieces) <= width
    found = [one for piece in pieces for one in as_sets(piece)]
    assert found == [frozenset(one) for k in sizes for one in combinations(range(neurons), k)]


def test_patterns_too_many_to_keep_are_the_same(monkeypatch):
    kept = list(patterns.enumerate_members(7, (2, 3), 10, False))
    monkeypatch.setattr(patterns, "MOST_KEPT", 0)
    for one, other in zip(kept, patterns.enumerate_members(7, (2, 3), 10, False), strict=True):
        np.testing.assert_array_equal(one.neurons, other.neurons)
        np.testing.assert_array_equal(one.kept, other.kept)


def test_random_subsets_are_uniform():
    subsets = patterns._random_subsets(5, 3, 20_000, np.random.default_rng(0))
    seen = Counter(tuple(sorted(row)) for row in subsets.tolist())
    assert set(seen) == set(combinations(range(5), 3))
    assert chisquare(list(seen.values())).pvalue > LEVEL


@pytest.mark.parametrize("width", [50, 10**6, 3])
def test_drawn_patterns_are_uniform_and_as_many_as_asked(width):
    level = Level(3, 4000, 10, 4000)
    pieces = list(patterns.draw_members(5, level, width, np.random.default_rng(1)))
    seen = Counter(one for piece in pieces for one in as_sets(piece))
    assert sum(seen.values()) == 4000
    assert set(seen) == {frozenset(one) for one in combinations(range(5), 3)}
    assert chisquare(list(seen.values())).pvalue > LEVEL


def test_levels_have_the_binomial_law():
    problem = Problem(3002, 2, 4, 2, 0.3, 1.0, 0.1, 0.1, 0.1)
    totals = np.zeros(9)
    for seed in range(200):
        for level in patterns.draw_levels(problem, np.random.default_rng(seed)):
            totals[level.k] += level.coordinates
            assert level.patterns == math.comb(8, level.k)
    totals[0] = 200 * 3000 - totals.sum()
    assert chisquare(totals, 200 * 3000 * binom.pmf(range(9), 8, 0.3)).pvalue > LEVEL


@pytest.mark.parametrize("sparse", [True, False])
def test_repeated_patterns_stand_side_by_side(sparse):
    members = next(patterns.enumerate_members(3, (1, 2), 10, sparse))
    found = as_sets(patterns.repeat(members, np.array([0, 2, 0, 1, 0, 0])))
    assert found == [frozenset({1}), frozenset({1}), frozenset({0, 1})]
