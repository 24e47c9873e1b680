"""Each lemma's event fails exactly when it should, and as often as it should."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta

import bounds
from sims import Draw, Problem, draw_dataset, draw_network, draw_with_overlaps
from theorycheck.predictions.lemma_check import (
    check_lemmas,
    count_failures,
    event_limits,
    failing_lemmas,
    judge_lemma,
    mild_problem,
    over_problem,
)

ABOUT_DRAWS = tuple(name for name in bounds.LEMMAS if name != "gradient-norm")
DELTA = 0.05
# n/(2K) = 2, m p/2 = 2: both ends of the intervals are whole numbers
PROBLEM = Problem.theorem_regime(100, 8, 8, 2, 0.5)


def typical_draw(problem=PROBLEM):
    """A draw in the middle of every event but no-signal-left, and its overlaps."""
    K, m, n = problem.K, problem.m, problem.n
    signal_mask = np.zeros((K, m, K), bool)
    signal_mask[:, : m // 2] = True
    norm2 = problem.sigma_n**2 * problem.p * (problem.d - (problem.noise == "orthogonal") * K)
    draw = Draw(
        problem,
        seed=0,
        labels=np.arange(n) % K,
        signal_kept=signal_mask.astype(float),
        noise_at_signal=np.zeros((n, K)),
        initial_signal=np.where(signal_mask, problem.sigma_0 * problem.mu, 0.0),
        initial_noise=np.zeros((K, m, n)),
        noise_norm2=np.full((K, m, n), norm2),
    )
    return draw, np.zeros((K * m, n * (n - 1) // 2))


def failing(draw, overlaps=None):
    overlaps = typical_draw(draw.problem)[1] if overlaps is None else overlaps
    return {
        name
        for name, failed in failing_lemmas(draw, overlaps, event_limits(draw.problem)).items()
        if failed
    }


def changed(name, index, value, problem=PROBLEM):
    """A typical draw with one entry of one array changed."""
    draw = typical_draw(problem)[0]
    array = getattr(draw, name).copy()
    array[index] = value
    return replace(draw, **{name: array})


def with_neurons(count, j=1):
    """Class j keeps its own signal in `count` neurons."""
    draw = typical_draw()[0]
    mask, start = draw.signal_kept.copy(), draw.initial_signal.copy()
    mask[j, :, j] = np.arange(PROBLEM.m) < count
    start[j, :, j] = np.where(mask[j, :, j], PROBLEM.sigma_0 * PROBLEM.mu, 0.0)
    return replace(draw, signal_kept=mask, initial_signal=start)


EXPECTED = {"no-signal-left"}  # fails in every typical draw: it is the event of over-pruning


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_typical_draw_fails_nothing_of_mild_pruning(noise):
    assert failing(typical_draw(replace(PROBLEM, noise=noise))[0]) == EXPECTED


def test_every_lemma_about_a_draw_is_decided():
    assert tuple(failing_lemmas(*typical_draw(), event_limits(PROBLEM))) == ABOUT_DRAWS


# n = 8, K = 2: between 2 and 6 samples a class
@pytest.mark.parametrize(("first", "fails"), [(1, True), (2, False), (6, False), (7, True)])
def test_class_counts(first, fails):
    labels = np.array([0] * first + [1] * (8 - first))
    draw = replace(typical_draw()[0], labels=labels)
    assert failing(draw) == EXPECTED | ({"class-counts"} if fails else set())


def test_class_without_samples_is_counted():
    draw = replace(typical_draw()[0], labels=np.zeros(8, int))
    assert "class-counts" in failing(draw)


# m p = 4: between 2 and 6 neurons a class
@pytest.mark.parametrize(("count", "fails"), [(1, True), (2, False), (6, False), (7, True)])
def test_signal_neurons(count, fails):
    assert failing(with_neurons(count)) == EXPECTED | ({"signal-neurons"} if fails else set())


def test_no_signal_left():
    none = np.zeros_like(typical_draw()[0].signal_kept)
    cross = none.copy()
    cross[0, :, 1] = True  # neurons that keep another class's signal do not matter
    one = cross.copy()
    one[1, 3, 1] = True
    failed = {
        name: "no-signal-left" in failing(replace(typical_draw()[0], signal_kept=mask))
        for name, mask in {"none": none, "cross": cross, "one": one}.items()
    }
    assert failed == {"none": False, "cross": False, "one": True}


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize(
    ("factor", "fails"), [(0.49, True), (0.51, False), (1.49, False), (1.51, True)]
)
def test_masked_noise_norm(noise, factor, fails):
    problem = replace(PROBLEM, noise=noise)
    # orthogonal noise has d - K coordinates
    dimension = problem.d - (problem.K if noise == "orthogonal" else 0)
    middle = problem.sigma_n**2 * problem.p * dimension
    draw = changed("noise_norm2", (1, 2, 3), factor * middle, problem)
    assert failing(draw) == EXPECTED | ({"masked-noise-norm"} if fails else set())


def test_orthogonal_noise_is_measured_without_the_signal_coordinates():
    problem = Problem.theorem_regime(40, 8, 8, 10, 0.5, noise="orthogonal")
    # 0.5 sigma_n^2 p d is below the middle of (d - K), but 1.5 of it is beyond
    value = 1.45 * problem.sigma_n**2 * problem.p * problem.d
    assert "masked-noise-norm" in failing(changed("noise_norm2", (0, 0, 0), value, problem))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("factor", "fails"), [(0.99, False), (1.01, True)])
@pytest.mark.parametrize("index", [(0, 0), (15, 27), (9, 13)])
def test_masked_noise_overlap(sign, factor, fails, index):
    K, m, n, p, d = PROBLEM.K, PROBLEM.m, PROBLEM.n, PROBLEM.p, PROBLEM.d
    limit = 2 * PROBLEM.sigma_n**2 * math.sqrt(p * d * math.log(K * m * n**2 / DELTA))
    draw, overlaps = typical_draw()
    overlaps[index] = sign * factor * limit
    assert failing(draw, overlaps) == EXPECTED | ({"masked-noise-overlap"} if fails else set())


INIT_NOISE = (
    2
    * math.sqrt(math.log(PROBLEM.K * PROBLEM.m * PROBLEM.n / DELTA))
    * PROBLEM.sigma_0
    * PROBLEM.sigma_n
    * math.sqrt(PROBLEM.p * PROBLEM.d)
)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("factor", "fails"), [(0.99, False), (1.01, True)])
def test_init_noise(sign, factor, fails):
    draw = changed("initial_noise", (1, 0, 4), sign * factor * INIT_NOISE)
    assert failing(draw) == EXPECTED | ({"init-noise"} if fails else set())


def test_init_noise_is_judged_on_the_event_of_the_norms():
    draw = changed("initial_noise", (1, 0, 4), 2 * INIT_NOISE)
    norms = draw.noise_norm2.copy()
    norms[0, 0, 0] *= 2
    assert failing(replace(draw, noise_norm2=norms)) == EXPECTED | {"masked-noise-norm"}


@pytest.mark.parametrize(
    ("largest", "fails"), [(0.49, True), (0.51, False), (0.99, False), (1.01, True)]
)
def test_init_signal(largest, fails):
    """The largest product of class 1: as a share of the scale below 0.6, of u above."""
    scale = PROBLEM.sigma_0 * PROBLEM.mu
    u = math.sqrt(2 * math.log(PROBLEM.K * PROBLEM.m / DELTA))
    draw = typical_draw()[0]
    start = draw.initial_signal.copy()
    start[1, :, 1] = np.where(draw.signal_mask[1, :, 1], -scale, 0.0)
    start[1, 2, 1] = largest * scale * (u if largest > 0.6 else 1)
    found = failing(replace(draw, initial_signal=start))
    assert found == EXPECTED | ({"init-signal"} if fails else set())


def test_init_signal_sees_only_neurons_that_keep_their_signal():
    draw = typical_draw()[0]
    start = draw.initial_signal.copy()
    start[1, 6, 1] = 1e3 * PROBLEM.sigma_0  # a dropped coordinate
    start[1, 0, 0] = 1e3 * PROBLEM.sigma_0  # another class's signal
    assert failing(replace(draw, initial_signal=start)) == EXPECTED


def test_init_signal_fails_without_any_neuron():
    assert failing(with_neurons(0)) >= {"init-signal", "signal-neurons"}


# outcomes


def judged(name, failures, draws=200, problem=None, together=7):
    return judge_lemma(name, problem or mild_problem(), failures, draws, together)


def test_lemma_holds_where_draws_and_exact_probability_agree():
    check = judged("class-counts", 0)
    assert check.outcome == "holds"
    assert "failed in 0 of 200 draws" in check.reason
    assert check.exact <= check.bound < 1


def test_bound_of_one_or_more_says_nothing():
    problem = Problem.theorem_regime(200, 24, 12, 2, 0.5)
    assert 4 * math.exp(-24 / 24) > 1
    check = judged("class-counts", 0, problem=problem)
    assert (check.outcome, check.bound) == ("undecided", 1.0)
    assert "says nothing" in check.reason


def test_lemma_that_fails_too_often_is_refuted():
    check = judged("class-counts", 190)
    assert check.outcome == "refuted"
    assert check.low > check.bound
    assert "fails more often than the bound" in check.reason


def test_draws_that_disagree_with_the_exact_probability_decide_nothing():
    check = judged("class-counts", 30)
    assert check.exact < check.low <= check.bound
    assert check.outcome == "undecided"
    assert "disagree with the exact probability" in check.reason


@pytest.mark.parametrize(
    ("name", "factor", "outcome"),
    [("class-counts", 1e-4, "refuted"), ("init-noise", 1e-7, "undecided")],
)
def test_bound_below_the_exact_probability_is_found(name, factor, outcome, monkeypatch):
    lemma = bounds.LEMMAS[name]
    monkeypatch.setitem(bounds.LEMMAS, name, replace(lemma, bound=lemma.bound * factor))
    check = judged(name, 0)
    # a union of exact probabilities may exceed a bound that the joint one keeps
    assert check.exact > check.bound
    assert check.outcome == outcome


@pytest.mark.parametrize(("failures", "draws"), [(0, 150), (7, 150), (150, 150)])
@pytest.mark.parametrize("together", [1, 7])
def test_interval_is_that_of_clopper_and_pearson(failures, draws, together):
    check = judged("init-signal", failures, draws, together=together)
    tail = 0.01 / together / 2
    low = beta.ppf(tail, failures, draws - failures + 1) if failures else 0.0
    high = beta.ppf(1 - tail, failures + 1, draws - failures) if failures < draws else 1.0
    assert (check.low, check.high) == pytest.approx((low, high), rel=1e-6)


def test_union_is_used_for_lemmas_with_a_marginal_probability():
    problem = mild_problem()
    check = judged("masked-noise-norm", 0)
    marginal = bounds.LEMMAS["masked-noise-norm"].failure_exact(problem.parameters())
    assert check.exact_kind == "union"
    assert check.exact == pytest.approx(problem.K * problem.m * problem.n * marginal)
    assert judged("class-counts", 0).exact_kind == "joint"


def test_every_bound_says_something_where_it_is_checked():
    for name in ABOUT_DRAWS:
        problem = over_problem() if name == "no-signal-left" else mild_problem()
        assert bounds.LEMMAS[name].failure_bound({**problem.parameters(), "delta": DELTA}) < 1


def test_check_counts_each_problem_once_over_all_seeds():
    asked = []

    def run(problem, seeds, lemmas):
        asked.append((problem, list(seeds), set(lemmas)))
        return dict.fromkeys(lemmas, 0)

    checks = check_lemmas(run, 50)
    at_mild = set(ABOUT_DRAWS) - {"no-signal-left"}
    assert asked == [
        (mild_problem(), list(range(50)), at_mild),
        (over_problem(), list(range(50)), {"no-signal-left"}),
    ]
    assert tuple(check.lemma for check in checks) == ABOUT_DRAWS
    at_over = {check.lemma for check in checks if check.problem == over_problem()}
    assert at_over == {"no-signal-left"}


# reality: the reduced form of the evidence


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("K", [2, 3])
def test_draws_fail_as_often_as_the_exact_probability_says(K, noise):
    draws, experiments = 150, 4
    problem = Problem.theorem_regime(200, 24, 12, K, 0.5, noise=noise)
    failures = count_failures(problem, range(draws))
    assert tuple(failures) == ABOUT_DRAWS
    # the level is joint over all lemmas and all four experiments
    together = experiments * len(ABOUT_DRAWS)
    for name in ABOUT_DRAWS:
        check = judge_lemma(name, problem, failures[name], draws, together)
        if check.exact_kind == "joint":
            assert check.low <= check.exact <= check.high, name
        else:
            assert check.low <= check.exact, name
        assert check.low <= check.bound, name


def test_failures_of_pieces_add_up():
    pieces = [count_failures(PROBLEM, seeds) for seeds in (range(5), range(5, 12))]
    whole = count_failures(PROBLEM, range(12))
    assert whole == {name: sum(piece[name] for piece in pieces) for name in whole}


@pytest.mark.parametrize("p", [0.04, 0.12, 1.0])
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_masks_alone_fail_in_the_same_draws(p, noise):
    problem = Problem.theorem_regime(60, 3, 4, 2, p, noise=noise)
    for seed in range(12):
        alone = count_failures(problem, [seed], ["no-signal-left"])
        assert alone == {"no-signal-left": count_failures(problem, [seed])["no-signal-left"]}


@pytest.mark.parametrize(
    ("noise", "p"), [("isotropic", 0.5), ("orthogonal", 0.3), ("isotropic", 1.0)]
)
def test_events_fail_in_the_draws_that_loops_find(noise, p):
    """The same events from drawn coordinates, one neuron and pair after the other."""
    problem = Problem.theorem_regime(40, 6, 3, 2, p, noise=noise)
    within, found = event_limits(problem), []
    # limits in the middle of what is drawn, so that some draws fail and some do not
    middle = problem.sigma_n**2 * math.sqrt(p * 40)
    within["masked-noise-overlap"] = (-math.inf, 2.9 * middle)
    within["masked-noise-norm"] = (0.6 * middle * math.sqrt(p * 40), math.inf)
    for seed in range(40):
        noises = draw_dataset(problem, seed).noise
        masks = draw_network(problem, seed)[1].reshape(6, 40)
        largest, smallest = 0.0, math.inf
        for mask in masks:
            for i in range(6):
                smallest = min(smallest, float(np.sum((noises[i] * mask) ** 2)))
                for other in range(6):
                    if other != i:
                        overlap = float(np.sum(noises[i] * mask * noises[other]))
                        largest = max(largest, abs(overlap))
        failed = failing_lemmas(*draw_with_overlaps(problem, seed), within)
        found.append((failed["masked-noise-overlap"], failed["masked-noise-norm"]))
        assert found[-1] == (
            largest > within["masked-noise-overlap"][1],
            smallest < within["masked-noise-norm"][0],
        )
    assert len(set(found)) > 2
