"""A boundary is consistent with its own index, refuted with another exponent, else undecided.

Nothing is trained: each draw's race is drawn from its law (Theory, section 9, `race`), by which
class j is learned where n_j SNR^q M_s mean_i(1 / M_i) > 1, the Ms maxima of m Gaussians. It is the
independent reference: no network, and no rule of the judge.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from sympy import sqrt

from bounds import Boundary, Condition, Source, Theorem
from bounds.symbols import d, m, mu, n, q, sigma_n
from theorycheck.judging.boundaries.judge import judge_boundary
from theorycheck.judging.boundaries.survey import survey
from theorycheck.judging.boundary_paths import START, BoundaryPaths, default_paths

SOURCE = Source("my notebook", "derived", "page 1")
SNR = mu / (sigma_n * sqrt(d))
TRUE = n * SNR**q


def critical_index(problem, seed):
    """n SNR^3 from which on some class wins its race, by the law of the race."""
    rng = np.random.default_rng([seed, problem.n, problem.m])
    labels = rng.integers(problem.K, size=problem.n)
    noise = rng.standard_normal((problem.n, problem.m)).max(axis=1)
    signal = rng.standard_normal((problem.K, problem.m)).max(axis=1)
    needed = []
    for j in range(problem.K):
        own = noise[labels == j]
        if len(own) and signal[j] > 0:  # a sample that no neuron answers is never memorized
            clock = (1 / own).mean() if (own > 0).all() else np.inf
            needed.append(problem.n / (len(own) * signal[j] * clock))
    return min(needed, default=np.inf)


def index_of(problem):
    return problem.n * (problem.mu / (problem.sigma_n * problem.d**0.5)) ** 3


def ask(wanted):
    return [run_of(index_of(problem) >= critical_index(problem, seed)) for problem, seed in wanted]


def run_of(learned, in_event=True, status="reached"):
    return SimpleNamespace(
        measured={"learned-classes": float(learned)}, in_event=in_event, status=status
    )


def stated(index=TRUE, **given):
    return Boundary(
        "own", "learned iff", "share", index, SOURCE,
        **{"level": 0.5, "measure": "learned-classes", "side": "above", **given},
    )  # fmt: skip


def theorem(conditions=()):
    return Theorem(
        "t", "", "", "", "", SOURCE, {one.id: one for one in conditions}, {},
    )  # fmt: skip


@pytest.fixture
def surveyed():
    """Survey a boundary by the law of the race, or by runs of one's own."""

    def made(index=TRUE, seeds=48, runs=ask, paths=None, **given):
        one = stated(index, **given)
        return survey(one, paths or default_paths(one), list(range(seeds)), runs)

    return made


def judged(found, *conditions):
    return judge_boundary(theorem(conditions), found)


def along(verdict, symbol):
    return next(one for one in verdict.along if one.symbol == symbol)


def test_true_index_is_consistent(surveyed):
    verdict = judged(surveyed())
    assert verdict.outcome == "consistent", verdict.reason
    assert [one.symbol for one in verdict.along] == ["d", "n", "m"]
    assert {one.outcome for one in verdict.along} == {"consistent"}


@pytest.mark.parametrize(
    ("index", "guilty"),
    [
        (n**0.5 * SNR**q, "n"),
        (n * SNR ** (q / 2), "n"),
        (n**2 * SNR**q, "n"),
        (n * m * SNR**q, "m"),
        (n * SNR**q * d**0.5, "d"),
        (n * (mu / sigma_n) ** q, "d"),
    ],
    ids=str,
)
def test_wrong_exponent_is_refuted_along_its_symbol(index, guilty, surveyed):
    start = default_paths(stated(TRUE)).start
    at = float(index.subs({n: start.n, m: start.m, d: start.d, mu: 1, q: 3}).subs(
        sigma_n, (1.5 / start.n) ** (-1 / 3) / math.sqrt(start.d)))  # fmt: skip
    verdict = judged(surveyed(index, seeds=96, constant=at))
    assert verdict.outcome == "refuted", verdict.reason
    assert along(verdict, guilty).outcome == "refuted"


def test_boundary_lies_where_the_draws_say(surveyed):
    found = surveyed()
    exact = [critical_index(found.paths.start, seed) for seed in range(48)]
    located = judged(found).located
    assert located.low <= np.median(exact) <= located.high
    assert located.median == pytest.approx(np.median(exact), rel=0.2)
    assert located.early < located.median < located.late
    assert (located.draws, located.uncrossed) == (48, sum(one in (0, np.inf) for one in exact))


def test_declared_constant_may_be_far_off(surveyed):
    near, far = (judged(surveyed(constant=constant)) for constant in (1.0, 30.0))
    assert far.outcome == near.outcome == "consistent"
    assert far.located.median == pytest.approx(near.located.median, rel=0.4)


def test_boundary_that_no_run_crosses_is_not_decided(surveyed):
    for learned, word in ((True, "succeed"), (False, "fail")):
        verdict = judged(surveyed(runs=lambda wanted, end=learned: [run_of(end) for _ in wanted]))
        assert (verdict.outcome, verdict.along) == ("undecided", ())
        assert verdict.reason.startswith("not crossed on this path")
        assert f"draws {word} at every index" in verdict.reason


def test_few_draws_decide_nothing(surveyed):
    verdict = judged(surveyed(seeds=8))
    assert verdict.outcome == "undecided"
    assert "a sign test takes 13 draws that cross at every size, here are 8" in verdict.reason


def test_drift_like_a_logarithm_is_allowed_and_a_power_is_not(surveyed):
    def drifting(power, logarithm):
        def runs(wanted):
            return [
                run_of(
                    index_of(problem)
                    >= critical_index(problem, seed)
                    * (problem.n / 10) ** power
                    * (math.log(1 + problem.n) / math.log(11)) ** logarithm
                )
                for problem, seed in wanted
            ]

        return judged(surveyed(runs=runs))

    assert along(drifting(0, 0.3), "n").outcome == "consistent"
    assert along(drifting(0.7, 0), "n").outcome == "refuted"


def test_draws_outside_the_event_do_not_count(surveyed):
    def runs(wanted):
        return [
            run_of(one.measured["learned-classes"], in_event=seed % 3 > 0)
            for one, (_, seed) in zip(ask(wanted), wanted, strict=True)
        ]

    assert judged(surveyed(runs=runs)).located.draws == 32


def test_path_that_leaves_a_premise_does_not_count(surveyed):
    many = Condition("many", "n >= 20", n, "lower", stated().source, 20.0)
    verdict = judged(surveyed(), many)
    assert {one.symbol: one.outcome for one in verdict.along} == {
        "d": "premise not met", "n": "consistent", "m": "premise not met",
    }  # fmt: skip
    assert along(verdict, "d").reason.startswith("the premise n >= 20 fails at d = ")
    assert verdict.outcome == "consistent"
    more = Condition("more", "n >= 1000", n, "lower", stated().source, 1000.0)
    assert judged(surveyed(), more).outcome == "premise not met"


def test_success_that_changes_sides_along_the_boundary_refutes(surveyed):
    """Draws cross where they should, but far beyond the boundary they fail again at the end."""

    def runs(wanted):
        return [
            run_of(ask([(problem, seed)])[0].measured["learned-classes"]
                   and not (problem.d > 10**13 and index_of(problem) > 4.5))
            for problem, seed in wanted
        ]  # fmt: skip

    found = surveyed(runs=runs)
    assert along(judged(found), "d").outcome == "refuted"


def test_default_paths_follow_the_symbols_of_the_index():
    found = default_paths(stated())
    assert (found.across, list(found.along)) == ("sigma_n", ["d", "n", "m"])
    assert found.epsilon <= math.log(2) / (2 * max(found.along["n"]))
    assert len(found.places) == 7
    assert found.at(START) == found.start


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"across": "n"}, "across must be one of sigma_n, mu, p, sigma_0, eta, got 'n'"),
        ({"along": {}}, "along must name at least one symbol, got none"),
        ({"along": {"sigma_n": (1, 2, 3)}}, "along must name symbols among d, n, m, K, mu"),
        ({"along": {"n": (10, 20)}}, "along must hold 3 sizes of n or more, from 10 of the start"),
        ({"along": {"n": (10, 30, 20)}}, "steadily up or down"),
        ({"along": {"n": (5, 10, 20)}}, "from 10 of the start"),
        ({"epsilon": 0.0}, "epsilon must be a finite number > 0, got 0.0"),
        ({"engine": "warp"}, "engine must be one of"),
    ],
)
def test_bad_paths_are_refused(given, message):
    sound = {"across": "sigma_n", "along": {"n": (10, 20, 40)}, "epsilon": 0.01}
    with pytest.raises(ValueError, match=message):
        BoundaryPaths(default_paths(stated()).start, **{**sound, **given})


def test_index_that_cannot_be_crossed_is_named(surveyed):
    with pytest.raises(ValueError, match="must hold one of sigma_n, mu, p, sigma_0, eta to be"):
        default_paths(stated(n * m))
    with pytest.raises(ValueError, match="must depend on sigma_n, by which"):
        surveyed(n * m, paths=default_paths(stated()))
