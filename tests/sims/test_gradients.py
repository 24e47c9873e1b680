import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims import Dataset, draw_dataset, draw_network, loss_and_gradient
from sims.data import patches
from sims.gradients import loss_and_slopes

LAWS = ("isotropic", "orthogonal")
SIBLINGS = [
    {"signals": "antipodal"},
    {"K": 3, "flip": 0.45},
    {"signals": "antipodal", "flip": 0.45, "noise": "orthogonal"},
]
GRID = pytest.mark.parametrize(
    ("K", "q", "p", "noise"),
    [(K, q, p, law) for K in (2, 3, 4, 5) for q in (1, 2, 3, 3.5) for p in (0.02, 0.3, 1)
     for law in LAWS],
)  # fmt: skip


def away_from_the_kink(problem):
    """The first seed whose products are 0 for good or at least 0.02 from 0, and that moves."""
    for seed in range(2000):
        data, (weights, mask) = draw_dataset(problem, seed), draw_network(problem, seed)
        z = np.einsum("jrd,ipd->jrip", weights * mask, patches(data, problem))
        wrong = problem.flip == 0 or np.any(data.labels != data.classes)
        if np.all((np.abs(z) > 0.02) | (z == 0)) and np.any(z > 0.02) and z.max() < 3 and wrong:
            return data, weights, mask
    raise AssertionError("no seed keeps away from the kink")


def small(small_problem, K, q, p, noise):
    # fewer samples and neurons where the mask is dense: more products would come near the kink
    return small_problem(K=K, q=q, p=p, noise=noise, m=2 if p < 1 else 1, n=3, d=24)


@pytest.mark.slow
@GRID
def test_the_gradient_is_that_of_central_differences(small_problem, K, q, p, noise):
    check_central_differences(small(small_problem, K, q, p, noise))


@pytest.mark.parametrize("p", [0.3, 1])
@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
@pytest.mark.parametrize("model", SIBLINGS)
def test_the_gradient_of_a_sibling_is_that_of_central_differences(small_problem, model, q, p):
    sizes = {"m": 2 if p < 1 else 1, "n": 3, "d": 24}
    check_central_differences(small_problem(**sizes, q=q, p=p, **model))


def check_central_differences(problem):
    data, weights, mask = away_from_the_kink(problem)
    gradient = loss_and_gradient(weights, mask, data, problem)[1]
    numeric = np.zeros_like(gradient)
    h = 1e-5  # truncation h^2 and rounding 1e-16/h are both below 1e-9
    for place in zip(*np.nonzero(mask), strict=True):
        ends = []
        for sign in (1, -1):
            moved = weights.copy()
            moved[place] += sign * h
            ends.append(loss_and_gradient(moved, mask, data, problem)[0])
        numeric[place] = (ends[0] - ends[1]) / (2 * h)
    size = np.abs(gradient).max()
    assert size > 0
    assert np.abs(gradient - numeric).max() <= 1e-6 * size


def forward(weights, mask, both, labels, q):
    """An independent forward pass on the patches, for automatic differentiation."""
    z = anp.einsum("jrd,ipd->jrip", weights * mask, both)
    positive = anp.where(z > 0, z, 1.0)
    scores = anp.sum(anp.where(z > 0, positive**q, 0.0), axis=(1, 3))
    top = anp.max(scores, axis=0)
    log_normalizer = top + anp.log(anp.sum(anp.exp(scores - top), axis=0))
    return anp.mean(log_normalizer - scores[labels, anp.arange(len(labels))])


@GRID
def test_the_gradient_is_that_of_automatic_differentiation(small_problem, K, q, p, noise):
    check_automatic_differentiation(small_problem(K=K, q=q, p=p, noise=noise, d=60, n=7))


@pytest.mark.parametrize("p", [0.3, 1])
@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
@pytest.mark.parametrize("model", SIBLINGS)
def test_the_gradient_of_a_sibling_is_that_of_automatic_differentiation(small_problem, model, q, p):
    check_automatic_differentiation(small_problem(q=q, p=p, d=60, n=7, **model))


def check_automatic_differentiation(problem):
    q = problem.q
    data, (weights, mask) = draw_dataset(problem, 3), draw_network(problem, 3)
    assert problem.flip == 0 or np.any(data.labels != data.classes)
    both = patches(data, problem)
    expected_loss, expected = autograd.value_and_grad(forward)(weights, mask, both, data.labels, q)
    loss, gradient = loss_and_gradient(weights, mask, data, problem)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    assert np.abs(expected).max() > 0
    assert np.abs(gradient - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("q", [1, 1.5, 2, 3, 3.5])
def test_one_sample_worked_by_hand(small_problem, dataset, q):
    # one neuron per class; class 0: products 2 with the signal, 1 with the noise;
    # class 1: products -1 with the signal and exactly 0 with the noise, so it does not answer
    problem = small_problem(d=3, n=1, m=1, K=2, mu=2.0, q=q)
    weights = np.array([[[1.0, 2.0, 1.0]], [[-0.5, 1.0, 1.0]]])
    data = dataset([0], [[1.0, 1.0, -2.0]])
    gap = 2.0**q + 1.0
    loss, gradient = loss_and_gradient(weights, np.ones((2, 1, 3), bool), data, problem)
    assert loss == pytest.approx(np.log1p(np.exp(-gap)), rel=1e-12)
    slope = -1 / (1 + np.exp(gap))
    # l' [sigma'(2) mu e_0 + sigma'(1) xi]
    expected = slope * q * (2.0 ** (q - 1) * 2 * np.array([1, 0, 0]) + np.array([1, 1, -2]))
    np.testing.assert_allclose(gradient[0, 0], expected, rtol=1e-14)
    np.testing.assert_array_equal(gradient[1, 0], 0.0)


def test_two_samples_worked_by_hand(small_problem, dataset):
    # q = 1, sample 0 of class 0 and sample 1 of class 1; neuron 0 answers both noises (2 and 3)
    # and its signal (1); neuron 1 answers its signal (4) and the first noise (1)
    problem = small_problem(d=2, n=2, m=1, K=2, mu=1.0, q=1)
    weights = np.array([[[1.0, -1.0]], [[-1.0, 4.0]]])
    data = dataset([0, 1], [[3.0, 1.0], [3.0, 0.0]])
    # F_0 = (1 + 2, 3), F_1 = (1, 4)
    first, second = 1 / (1 + np.exp(2.0)), 1 / (1 + np.exp(1.0))
    loss, gradient = loss_and_gradient(weights, np.ones((2, 1, 2), bool), data, problem)
    assert loss == pytest.approx((np.log1p(np.exp(-2)) + np.log1p(np.exp(-1))) / 2, rel=1e-14)
    neuron0 = (-first * np.array([1.0 + 3, 0 + 1]) + second * np.array([3.0, 0])) / 2
    neuron1 = (first * np.array([3.0, 1]) - second * np.array([0.0, 1])) / 2
    np.testing.assert_allclose(gradient[:, 0], [neuron0, neuron1], rtol=1e-14)


@pytest.mark.parametrize("q", [1, 1.5, 2, 3])
def test_the_derivative_at_zero_counts_as_zero(small_problem, q):
    problem = small_problem(q=q)
    data, (weights, mask) = draw_dataset(problem, 0), draw_network(problem, 0)
    loss, gradient = loss_and_gradient(np.zeros_like(weights), mask, data, problem)
    assert loss == pytest.approx(np.log(2), rel=1e-14)
    np.testing.assert_array_equal(gradient, 0.0)


@pytest.mark.parametrize("p", [1e-9, 0.02, 0.5])
def test_pruned_weights_have_no_gradient_and_no_say(small_problem, p):
    problem = small_problem(p=p, q=1)
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    loss, gradient = loss_and_gradient(weights, mask, data, problem)
    assert np.all(gradient[~mask] == 0)
    again, same = loss_and_gradient(np.where(mask, weights, 1e6), mask, data, problem)
    assert again == loss
    np.testing.assert_array_equal(same, gradient)


def test_a_mask_of_ones_is_the_unpruned_network(small_problem):
    problem = small_problem(p=0.4)
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    loss, gradient = loss_and_gradient(weights, mask, data, problem)
    dense, full = loss_and_gradient(weights * mask, np.ones_like(mask), data, problem)
    assert loss == dense
    np.testing.assert_array_equal(gradient, full * mask)


def test_the_gradient_is_the_mean_over_samples(small_problem):
    problem = small_problem(K=3, n=6)
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    alone = [
        loss_and_gradient(
            weights,
            mask,
            Dataset(data.labels[i : i + 1], data.noise[i : i + 1], data.signal_first[i : i + 1]),
            small_problem(K=3, n=1),
        )
        for i in range(6)
    ]
    loss, gradient = loss_and_gradient(weights, mask, data, problem)
    assert loss == pytest.approx(np.mean([one for one, _ in alone]), rel=1e-13)
    mean = np.mean([one for _, one in alone], axis=0)
    np.testing.assert_allclose(gradient, mean, atol=1e-13 * np.abs(mean).max())


def test_the_arguments_are_left_as_they_were(small_problem):
    problem = small_problem()
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    before = weights.copy(), mask.copy(), data.noise.copy()
    loss_and_gradient(weights, mask, data, problem)
    for array, kept in zip((weights, mask, data.noise), before, strict=True):
        np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize("gap", [0.5, 10.0, 30.0, 45.0, 100.0, 700.0])
def test_slopes_keep_their_digits_when_a_softmax_is_close_to_1(gap):
    logits = np.array([[gap, 0.0], [0.25, gap], [-1.0, -0.5]])
    labels = np.array([0, 0])  # sure and right; sure and wrong
    slopes = loss_and_slopes(logits, labels)[1]
    with mpmath.workdps(400):
        for i in range(2):
            powers = [mpmath.exp(mpmath.mpf(float(x))) for x in logits[:, i]]
            softmax = [power / sum(powers) for power in powers]
            exact = [softmax[j] - (j == 0) for j in range(3)]
            np.testing.assert_allclose(slopes[:, i], [float(x) for x in exact], rtol=1e-14)


@pytest.mark.parametrize("shift", [0.0, 1e3, 1e100, -1e100])
def test_huge_logits_do_not_overflow(shift):
    loss, slopes = loss_and_slopes(np.full((4, 3), shift), np.array([0, 1, 3]))
    assert loss == pytest.approx(np.log(4), rel=1e-14)
    np.testing.assert_allclose(np.abs(slopes).max(axis=0), 0.75, rtol=1e-14)


@given(
    st.integers(2, 6).flatmap(
        lambda K: st.lists(
            st.tuples(
                st.integers(0, K - 1), st.lists(st.floats(-800, 800), min_size=K, max_size=K)
            ),
            min_size=1,
            max_size=5,
        )
    )
)
def test_slopes_sum_to_zero_over_classes(samples):
    labels = np.array([label for label, _ in samples])
    slopes = loss_and_slopes(np.array([row for _, row in samples]).T, labels)[1]
    # to rounding of the largest, not of 1
    assert np.all(np.abs(slopes.sum(axis=0)) <= 4e-16 * len(slopes) * np.abs(slopes).max(axis=0))
    own = np.arange(len(slopes))[:, None] == labels
    assert np.all(slopes[own] <= 0)
    assert np.all(slopes[~own] >= 0)


@pytest.mark.parametrize("name", ["weights", "mask", "data.noise", "data.labels", "data.classes"])
def test_a_wrong_shape_is_refused_by_name(small_problem, name):
    problem = small_problem()
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    labels, noise, classes = data.labels, data.noise, data.classes
    if name == "weights":
        weights = weights[:, :, 1:]
    elif name == "mask":
        mask = mask[0]
    elif name == "data.noise":
        noise = noise.T
    elif name == "data.labels":
        labels = labels[:-1]
    else:
        classes = classes[:-1]
    with pytest.raises(ValueError, match=rf"^{name} must have shape \(.*\), got \(.*\)$"):
        loss_and_gradient(
            weights, mask, Dataset(labels, noise, data.signal_first, classes), problem
        )
