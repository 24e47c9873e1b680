"""The paths of lone parameters: what moves, what is held, and that the laws hold along them."""

import math
from dataclasses import fields, replace
from itertools import islice

import numpy as np
import pytest

from bounds import REGIME, THEOREMS
from bounds.paths import PATHS, growth, log_along
from sims import Problem, simulate, simulate_many
from theorycheck.judging.observation import observe_many
from theorycheck.judging.paths.exponent_paths import (
    EXPONENT_PATHS,
    chosen_paths,
    mild_paths,
    over_paths,
)
from theorycheck.judging.paths.premises import path_premises
from theorycheck.judging.quantities import EVENTS
from theorycheck.judging.siblings.quantities import SIBLING_EVENTS
from theorycheck.judging.slopes import LEAST_SIZES, tail
from theorycheck.judging.table import points_of
from theorycheck.judging.theorems import find
from theorycheck.running.tasks import regroup

pytestmark = pytest.mark.slow

STARTS = {"mild-pruning": mild_paths, "over-pruning": over_paths}
ALL = [
    pytest.param(theorem, path, id=f"{theorem} {path.path.along}")
    for theorem, paths in STARTS.items()
    for path in paths()
]
WHOLE = {"d", "n", "m", "K"}


def test_every_event_of_the_first_model_has_paths():
    assert set(EXPONENT_PATHS) == set(EVENTS) - set(SIBLING_EVENTS)


@pytest.mark.parametrize("paths", STARTS.values(), ids=list(STARTS))
def test_every_parameter_is_moved_once(paths):
    assert [one.path for one in paths()] == list(PATHS.values())


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_path_has_its_sizes_and_enough_of_them_in_the_tail(theorem, path):
    family = path.family
    progress = [family.progress(*point) for point in family.points]
    assert len(family.sizes) == path.sizes
    assert family.direction == path.path.direction
    assert sum(tail(progress)) >= LEAST_SIZES
    assert progress[-1] / progress[0] == pytest.approx(path.end, rel=0.02)
    assert family.size(path.start, path.epsilon) == pytest.approx(family.sizes[0])


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_everything_else_is_held(theorem, path):
    problems = path.family.problems
    held = {field.name for field in fields(Problem)} - set(path.path.powers)
    for problem in problems:
        assert {getattr(problem, name) == getattr(path.start, name) for name in held} == {True}
    if path.path.along == "d":
        ratios = [one.sigma_n * math.sqrt(one.d) for one in problems]
        assert ratios == pytest.approx([ratios[0]] * len(ratios))
    if path.path.along == "K":
        assert {one.n / one.K for one in problems} == {path.start.n / path.start.K}


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_sizes_are_even_in_the_logarithm(theorem, path):
    family = path.family
    logs = np.log([family.progress(*point) for point in family.points])
    steps = np.diff(logs)
    rounding = 0.3 if path.path.along in WHOLE else 1e-9
    assert np.abs(steps - steps.mean()).max() <= rounding


@pytest.mark.parametrize("theorem", list(STARTS))
def test_path_is_released_from_the_regime_alone_and_keeps_all_else(theorem):
    stated, left = THEOREMS[theorem], {}
    for path in chosen_paths(stated):
        assert all(REGIME[name].hidden for name in path.released)
        premises = path_premises(stated, path.family, points_of(path.family, path.epsilon))
        if unkept := [one.id for one in premises if one.state == "not kept"]:
            left[path.path.along] = unkept
    # p = Theta(1 / (K m log d)) says how p moves with m: a path of either alone leaves it
    moved = {"m": ["over-pruning"], "p": ["over-pruning"]}
    assert left == (moved if theorem == "over-pruning" else {})


# the laws


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_leading_power_of_the_laws_leads_where_slopes_are_taken(theorem, path):
    # half the smallest shift of an exponent; the known logarithms come on top of it
    for claim in THEOREMS[theorem].claims.values():
        if claim.law == 0:
            continue
        end = math.log(path.end)
        half, last = (
            float(log_along(claim.law, path.path, path.values, x)) for x in (end / 2, end)
        )
        found = growth(claim.law, path.path, path.values)
        crossover = (theorem, claim.id, path.path.along) == ("mild-pruning", "stopping-time", "mu")
        if crossover or path.path.along == "K":  # too few classes; t* still has its mu^-3
            continue
        logarithm = found.log_power * math.log(2) / (end / 2)
        allowed = 0.125 + abs(logarithm)
        assert (last - half) / (end / 2) == pytest.approx(float(found.power), abs=allowed)


# sizes from the far end, how many seeds of the event are run, and how many of them are needed
RUNS = {"mild-pruning": ((-3, -2, -1), 3, 3), "over-pruning": ((-4, -2), 2, 1)}


def in_event(theorem, problems, seed, engine):
    """Whether a seed's draw of every problem lies in a theorem's event."""
    starts = [simulate(problem, seed, engine, max_steps=0) for problem in problems]
    return all(find(theorem).in_event(start.event) for start in starts)


@pytest.mark.parametrize("along", ["d", "mu", "sigma_0", "eta"])
@pytest.mark.parametrize("theorem", list(STARTS))
def test_measured_quantities_follow_their_laws(theorem, along):
    (path,) = [one for one in STARTS[theorem]() if one.path.along == along]
    problems, family = path.family.problems, path.family
    sizes, tried, count = RUNS[theorem]
    far = [problems[index] for index in sizes]
    inside = (seed for seed in range(100) if in_event(theorem, far, seed, path.engine))
    seeds = list(islice(inside, tried))  # some over-pruned runs of the event stall
    calls = [(theorem, one, seed, path.epsilon, path.engine) for seed in seeds for one in far]
    found = dict(observe_many(calls))
    runs = regroup([found[number] for number in range(len(calls))], [far] * len(seeds))
    runs = [each for each in runs if all(one.status == "reached" for one in each)][:count]
    assert len(runs) == count
    assert all(one.in_event for each in runs for one in each)
    logs = np.log([family.progress(one) / family.progress(path.start) for one in far])
    for claim in THEOREMS[theorem].claims.values():
        measured = np.array([[one.measured[claim.measure] for one in each] for each in runs])
        if claim.law == 0:
            assert not measured.any()
            continue
        slopes = np.polyfit(logs, np.log(measured.T), 1)[0]
        law = [float(log_along(claim.law, path.path, path.values, at)) for at in logs]
        expected = np.polyfit(logs, law, 1)[0]
        # paired seeds: what scatters is below a hundredth, a law wrong by a shift is off by 1/4
        assert np.median(slopes) == pytest.approx(expected, abs=0.05), claim.id


@pytest.mark.parametrize("along", ["d", "mu", "sigma_0", "eta"])
def test_paths_of_memorizing_end_before_the_flow_gives_up(along):
    (path,) = [one for one in over_paths() if one.path.along == along]
    slowest = [path.family.problems[0], path.family.problems[-1]]
    problems = [problem for problem in slowest for _ in range(8)]
    seeds = [seed for _ in slowest for seed in range(8)]
    runs = simulate_many(problems, seeds, path.epsilon, engine=path.engine)
    assert {run.status for run in runs} <= {"reached", "stalled"}


def test_sizes_may_be_fewer():
    path = replace(mild_paths()[0], sizes=5)
    assert [one.d for one in path.family.problems] == [10**6, 10**8, 10**10, 10**12, 10**14]
