"""The ReLU curve and its time against drawn Gaussians, integration and literal descents."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.stats import norm

import bounds
from bounds.relu_error import ACTIVE_SHARE, SETTLED_SHARE, answer


@pytest.mark.parametrize("share", [0.3, 0.75, 1.0])
@pytest.mark.parametrize("x", [-4.0, -0.5, 0.0, 1.3, 5.0])
def test_the_answer_is_the_mean_of_a_rectified_gaussian(x, share):
    spread = math.sqrt(share * (1 - share))
    ends = {"points": [-share * x / spread], "limit": 400} if spread else {}
    expected = quad(lambda z: max(share * x + spread * z, 0) * norm.pdf(z), -12, 12, **ends)[0]
    assert answer(x, share) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("flip", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("index", [0.0, 0.5, 2.0, 8.0])
@pytest.mark.parametrize("share", [0.5, 0.75, 1.0])
def test_the_curve_is_how_often_drawn_gaussians_are_mistaken(index, flip, share):
    X, other = np.random.default_rng(1).normal(size=(2, 200_000))
    first, second = (np.array([answer(x, share) for x in g[:20_000].tolist()]) for g in (X, other))
    mistaken = (second - first > (1 - 2 * flip) * math.sqrt(index / 2)).mean()
    if index == 0 and share == 1:
        mistaken = 0.5  # two answers of 0 tie
    error = flip + (1 - 2 * flip) * mistaken
    assert bounds.relu_error(index, flip, share) == pytest.approx(error, abs=0.012)


def test_where_every_neuron_answers_the_curve_is_that_of_two_rectified_gaussians():
    t = 1.3
    beyond = norm.sf(t) / 2 + quad(lambda x: norm.pdf(x) * norm.sf(x + t), 0, 12)[0]
    assert bounds.relu_error(2 * t * t, 0.0, 1.0) == pytest.approx(beyond, rel=1e-8)


def test_the_tail_keeps_its_digits_and_has_its_exponent():
    far, farther = (bounds.relu_error(index) for index in (800.0, 1600.0))
    assert 0 < farther < far < 1e-100
    exponent = 4 * 0.75**2  # P ~ exp(-x / exponent)
    assert math.log(far / farther) / 800 * exponent == pytest.approx(1, abs=0.01)


def test_no_signal_is_a_guess_and_much_signal_leaves_the_flips():
    assert bounds.relu_error(0.0, 0.2) == pytest.approx(0.5)
    assert bounds.relu_error(1e4, 0.2) == 0.2


def test_flips_of_a_tenth_and_a_tenth_more_are_met_at_an_index_of_five_quarters():
    assert bounds.relu_error(1.25, 0.1) == pytest.approx(0.2, abs=0.001)


@pytest.mark.parametrize("epsilon", [0.5, 0.05, 1e-4])
def test_the_time_is_that_of_one_margin(epsilon):
    n, m, d, eta, sigma_n = 20, 10, 4000, 0.01, 0.7
    speed = 0.75 * eta * sigma_n**2 * d / (n * m)

    def memorized(t, M):
        return math.log1p(math.exp(-M[0])) - epsilon

    memorized.terminal = True
    run = solve_ivp(
        lambda t, M: speed / (1 + np.exp(M)),
        (0, 1e9),
        [0.0],
        events=memorized,
        rtol=1e-10,
        atol=1e-12,
    )
    found = bounds.relu_stopping_time(epsilon, eta, sigma_n, d, n, m)
    assert found == pytest.approx(run.t_events[0][0], rel=1e-7)
    halved = bounds.relu_stopping_time(epsilon, eta, sigma_n, d, n, m, 0.375)
    assert halved == pytest.approx(2 * found)


def test_settled_share_is_where_drawn_overlaps_carry_no_further_sample_over():
    """The samples of one neuron: each that answers pushes the others by a random overlap."""
    rng, N, shares, first = np.random.default_rng(0), 300, [], []
    for _ in range(60):
        overlaps = np.triu(rng.normal(size=(N, N)), 1)
        overlaps += overlaps.T
        answers, rounds = rng.random(N) < 0.5, [0.0]
        while answers.mean() > rounds[-1]:
            rounds.append(answers.mean())
            answers = answers | (overlaps @ answers > 0)
        first.append(rounds[2])
        shares.append(answers.mean())
    assert np.mean(first) == pytest.approx(ACTIVE_SHARE, abs=0.01)
    assert np.mean(shares) == pytest.approx(SETTLED_SHARE, abs=0.01)


# Starts as a share of sqrt(n) / (sigma_n d): a tenth of it, and one that vanishes.
CELLS = [(0.1, ACTIVE_SHARE), (1e-4, SETTLED_SHARE)]
INDICES = (0.25, 1.0, 4.0)


@pytest.fixture(scope="module")
def cells(descend):
    """Error, time over predicted time, and share of answering neurons, of literal descents."""
    return {
        (index, small): np.mean([_cell(descend, index, small, seed) for seed in range(16)], axis=0)
        for index in INDICES
        for small, _ in CELLS
    }


def _cell(descend, index, small, seed, n=40, m=10, flip=0.1, epsilon=0.05):
    """Run one network at d = 10 n^2, sigma_n = 1 and h = 0.1."""
    rng, d = np.random.default_rng(seed), 10 * n * n
    classes = rng.integers(0, 2, n)
    labels = np.where(rng.random(n) < flip, 1 - classes, classes)
    # noises in an orthonormal basis of their span, by the law of its coordinates (Bartlett)
    within = np.tril(rng.normal(size=(n, n)), -1)
    within += np.diag(np.sqrt(rng.chisquare(d - 1 - np.arange(n))))
    noises = np.hstack([np.zeros((n, 1)), within])
    start = small * math.sqrt(n) / d * rng.normal(size=(2, m, n + 1))
    mu, eta = (index * d / n) ** 0.25, 0.1 * n * m / d
    run = descend(start, noises, classes, labels, mu, eta, 1, epsilon, most=5000)
    products = rng.normal(size=(10_000, n)) @ run.weights[:, :, 1:].transpose(0, 2, 1)
    clean = 0.0
    for sign in (1, -1):
        signal = np.maximum(sign * mu * run.weights[:, :, 0], 0)
        F = (np.maximum(products, 0) + signal[:, None, :]).mean(axis=2)
        clean += (sign * (F[0] - F[1]) < 0).mean() / 2
    answering = np.mean(run.weights[labels] @ noises[:, :, None] > 0)
    time = bounds.relu_stopping_time(epsilon, eta, 1.0, d, n, m)
    return flip + (1 - 2 * flip) * clean, run.steps / time, answering


@pytest.mark.parametrize(("small", "share"), CELLS)
@pytest.mark.parametrize("index", INDICES)
def test_literal_descents_err_as_the_curve_says(cells, index, small, share):
    error, _, answering = cells[index, small]
    assert answering == pytest.approx(share, abs=0.02)
    assert error == pytest.approx(bounds.relu_error(index, 0.1, share), abs=0.01)


def test_literal_descents_take_the_predicted_time(cells):
    assert all(0.9 <= ratio <= 1.12 for _, ratio, _ in cells.values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0,), "index must be a finite number >= 0, got -1.0"),
        ((math.inf,), "index must be a finite number >= 0, got inf"),
        ((1.0, 0.5), "flip must be a finite number >= 0 and < 0.5, got 0.5"),
        ((1.0, 0.1, 0.0), "active_share must satisfy 0 < active_share <= 1, got 0.0"),
    ],
    ids=str,
)
def test_a_bad_argument_of_the_curve_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bounds.relu_error(*arguments)


def test_a_loss_that_training_starts_below_is_refused():
    with pytest.raises(ValueError, match="epsilon must be < log 2, where training starts"):
        bounds.relu_stopping_time(0.7, 0.1, 1.0, 100, 10, 10)


def test_the_index_is_the_written_formula():
    assert bounds.relu_index(n=20, d=4000, mu=3.0, sigma_n=0.5) == pytest.approx(
        20 * 81 / (0.0625 * 4000)
    )


@pytest.mark.parametrize("share", [0.75, 0.82])
@pytest.mark.parametrize("flip", [0.0, 0.1])
@pytest.mark.parametrize("excess", [0.1, 0.5, 0.9])
def test_the_index_of_an_error_is_where_the_curve_has_it(excess, flip, share):
    index = bounds.relu_even_index(excess, flip, share)
    expected = flip + excess * (0.5 - flip)
    assert bounds.relu_error(index, flip, share) == pytest.approx(expected, rel=1e-8)


def test_ties_of_silent_neurons_take_the_largest_errors_to_no_signal_at_all():
    assert bounds.relu_even_index(0.7, 0.1, 1.0) > 0
    assert bounds.relu_even_index(0.8, 0.1, 1.0) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("excess", [0.0, 1.0, math.nan])
def test_an_excess_that_no_index_has_is_refused(excess):
    with pytest.raises(ValueError, match="excess must satisfy 0 < excess < 1"):
        bounds.relu_even_index(excess)
