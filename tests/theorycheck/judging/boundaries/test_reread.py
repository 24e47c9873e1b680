"""A survey read again says of another index what a survey of that index would have said."""

import math

import numpy as np
import pytest
from sympy import sqrt

from bounds import Boundary, Source
from bounds.symbols import d, mu, n, q, sigma_n
from theorycheck.judging.boundaries.crossing import RATIO
from theorycheck.judging.boundaries.reread import reread
from theorycheck.judging.boundaries.survey import survey
from theorycheck.judging.boundary_paths import START, BoundaryPaths, default_paths

SNR = mu / (sigma_n * sqrt(d))
TRUE, OTHER = n * SNR**q, n**2 * SNR**q
SEEDS = range(24)


class Run:
    in_event, status = True, "reached"

    def __init__(self, learned):
        self.measured = {"own": float(learned)}


def critical(seed):
    """n SNR^3 where a draw crosses, the same at every size."""
    return math.exp(0.4 * math.sin(7 * seed))


def ask(wanted):
    def index(one):
        return one.n * (one.mu / (one.sigma_n * math.sqrt(one.d))) ** 3

    return [Run(index(problem) >= critical(seed)) for problem, seed in wanted]


def stated(index, constant=1.0):
    source = Source("me", "derived", "page 1")
    return Boundary(
        "own", "", "", index, source, level=0.5, measure="own", side="above", constant=constant
    )


@pytest.fixture(scope="module")
def surveys():
    """The survey of the true index, and that of another one on the same paths."""
    paths = default_paths(stated(TRUE))
    at = 10.0  # of the other index, where the true one is 1
    return (
        survey(stated(TRUE), paths, SEEDS, ask),
        survey(stated(OTHER, at), paths, SEEDS, ask),
    )


def test_same_index_is_read_as_it_was_surveyed(surveys):
    true, _ = surveys
    again = reread(true, true.boundary)
    for place, here in true.critical.items():
        assert again.critical[place] == pytest.approx(here, abs=1e-6)
    assert again.sides == true.sides


def test_other_index_is_read_as_a_survey_of_its_own_finds_it(surveys):
    true, other = surveys
    again = reread(true, other.boundary)
    assert set(again.critical) == set(other.critical)
    for place, here in other.critical.items():
        both = np.isfinite(here)  # its own ladder ends earlier
        assert both.any()
        assert np.abs(again.critical[place] - here)[both].max() <= 1.01 * math.log(RATIO)
    assert again.critical[START].std() > 0


def test_sides_follow_from_the_crossings(surveys):
    true, other = surveys
    again = reread(true, other.boundary)
    wrong = [key for key, here in again.sides.items() if not all(here)]
    assert wrong
    assert {place.symbol for place, _ in wrong} == {"n"}


def test_what_is_not_crossed_or_not_known_stays_so(surveys):
    true, _ = surveys
    lost = true.critical[START].copy()
    lost[:3] = math.inf, -math.inf, math.nan
    again = reread(type(true)(true.boundary, true.paths, {START: lost}, {}, 0), stated(OTHER))
    assert again.critical[START][:2].tolist() == [math.inf, -math.inf]
    assert math.isnan(again.critical[START][2])


def test_boundary_without_a_start_has_no_sides(surveys):
    true, _ = surveys
    nowhere = {START: np.full(4, math.inf)}
    found = type(true)(true.boundary, true.paths, nowhere, {}, 7)
    assert (reread(found, stated(OTHER)).sides, reread(found, stated(OTHER)).runs) == ({}, 7)


def test_paths_stay(surveys):
    true, _ = surveys
    assert isinstance(reread(true, stated(OTHER)).paths, BoundaryPaths)
