"""Gradient, Hessian product and SynFlow against finite differences and another library."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from sims.perceptron import flow_scores, hessian_product, logits, loss_and_gradient

SIZES = pytest.mark.parametrize("sizes", [(7, 6, 3), (7, 6, 5, 3)])
POWERS = pytest.mark.parametrize("q", [1.0, 2.0, 3.0])
STEP = 1e-5


def loss_by_autograd(weights, images, labels, q):
    h = images.T
    for weight in weights[:-1]:
        h = anp.maximum(anp.dot(weight, h), 0.0) ** q
    F = anp.dot(weights[-1], h)
    chosen = F[labels, np.arange(len(labels))]
    return anp.mean(anp.log(anp.sum(anp.exp(F), axis=0)) - chosen)


def moved(weights, direction, t):
    return tuple(w + t * v for w, v in zip(weights, direction, strict=True))


def dot(left, right):
    return sum(float(np.vdot(a, b)) for a, b in zip(left, right, strict=True))


def some_direction(weights, seed=1):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal(w.shape) for w in weights)


@SIZES
@POWERS
def test_the_gradient_is_that_of_central_differences(small, sizes, q):
    weights, images, labels = small(sizes)
    direction = some_direction(weights)
    ahead, behind = (
        loss_and_gradient(moved(weights, direction, t), images, labels, q)[0] for t in (STEP, -STEP)
    )
    slope = dot(loss_and_gradient(weights, images, labels, q)[1], direction)
    assert (ahead - behind) / (2 * STEP) == pytest.approx(slope, rel=1e-7)


@SIZES
@POWERS
def test_loss_and_gradient_are_those_of_autograd(small, sizes, q):
    weights, images, labels = small(sizes)
    loss, gradient = loss_and_gradient(weights, images, labels, q)
    assert loss == pytest.approx(loss_by_autograd(weights, images, labels, q), rel=1e-13)
    expected = autograd.grad(loss_by_autograd)(weights, images, labels, q)
    for ours, theirs in zip(gradient, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-14)


@SIZES
@POWERS
def test_the_hessian_product_is_that_of_central_differences(small, sizes, q):
    weights, images, labels = small(sizes)
    direction = some_direction(weights)
    ahead, behind = (
        loss_and_gradient(moved(weights, direction, t), images, labels, q)[1] for t in (STEP, -STEP)
    )
    product = hessian_product(weights, direction, images, labels, q)
    scale = max(np.abs(layer).max() for layer in product)
    for ours, up, down in zip(product, ahead, behind, strict=True):
        np.testing.assert_allclose(ours, (up - down) / (2 * STEP), rtol=1e-6, atol=1e-7 * scale)


@SIZES
@POWERS
def test_the_hessian_product_is_that_of_autograd(small, sizes, q):
    weights, images, labels = small(sizes)
    direction = some_direction(weights)
    gradient = autograd.grad(loss_by_autograd)
    along = autograd.grad(
        lambda w: sum(
            anp.sum(g * v) for g, v in zip(gradient(w, images, labels, q), direction, strict=True)
        )
    )
    product = hessian_product(weights, direction, images, labels, q)
    for ours, theirs in zip(product, along(weights), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


@SIZES
def test_the_hessian_is_symmetric(small, sizes):
    weights, images, labels = small(sizes)
    one, other = some_direction(weights, 1), some_direction(weights, 2)
    left = dot(other, hessian_product(weights, one, images, labels, 3.0))
    right = dot(one, hessian_product(weights, other, images, labels, 3.0))
    assert left == pytest.approx(right, rel=1e-11)


def test_a_hessian_product_needs_a_bounded_curvature(small):
    weights, images, labels = small()
    with pytest.raises(ValueError, match=r"q must be 1 or at least 2 .* got 1\.5"):
        hessian_product(weights, weights, images, labels, 1.5)


def flow(sizes):
    arriving = anp.ones(sizes[0].shape[1])
    for size in sizes:
        arriving = anp.dot(size, arriving)
    return anp.sum(arriving)


@SIZES
def test_synflow_scores_are_those_of_autograd_and_of_differences(small, sizes):
    weights, _, _ = small(sizes)
    sizes_of = tuple(np.abs(w) for w in weights)
    scores = flow_scores(weights)
    for ours, size, slope in zip(scores, sizes_of, autograd.grad(flow)(sizes_of), strict=True):
        np.testing.assert_allclose(ours, size * slope, rtol=1e-12)
        assert ours.sum() == pytest.approx(flow(sizes_of), rel=1e-12)
    grown = tuple(size.copy() for size in sizes_of)
    grown[0][2, 3] *= 1 + 1e-6
    change = (flow(grown) - flow(sizes_of)) / 1e-6
    assert change == pytest.approx(scores[0][2, 3], rel=1e-6)


def test_units_without_an_answer_hear_nothing(small):
    weights, images, labels = small()
    weights = (-np.abs(weights[0]), weights[1])
    loss, gradient = loss_and_gradient(weights, np.abs(images), labels)
    assert loss == pytest.approx(np.log(3))
    assert not any(layer.any() for layer in gradient)
    assert not logits(weights, np.abs(images)).any()
