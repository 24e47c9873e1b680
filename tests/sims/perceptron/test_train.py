"""Descent on kept weights: what never moves, what rebuilds the first layer, and how it ends."""

import numpy as np
import pytest

from sims.perceptron import PRUNINGS, draw_masks, first_layer, loss_and_gradient, train

SIZES = (30, 12, 4)


def trained(small, pruning="random", p=0.3, sizes=SIZES, **options):
    weights, images, labels = small(sizes, n=9)
    masks = draw_masks(pruning, p, weights, images, labels, np.random.default_rng(3))
    options = {"eta": 0.1, "target_loss": 0.05, **options}
    return weights, masks, images, train(weights, masks, images, labels, **options)


@pytest.mark.parametrize("pruning", PRUNINGS)
@pytest.mark.parametrize("sizes", [SIZES, (30, 12, 8, 4)])
def test_the_first_layer_is_rebuilt_from_its_updates(small, pruning, sizes):
    weights, masks, images, run = trained(small, pruning, sizes=sizes)
    assert run.steps > 5
    rebuilt = first_layer(weights[0], masks[0], run.updates, images)
    np.testing.assert_allclose(rebuilt, run.weights[0], rtol=0, atol=1e-12)


def test_pruned_weights_never_move(small):
    _, masks, _, run = trained(small)
    assert all(np.all(w[~mask] == 0) for w, mask in zip(run.weights, masks, strict=True))
    assert all(mask.any() and not mask.all() for mask in masks)


def test_steps_are_those_of_the_gradient(small):
    weights, images, labels = small(SIZES, n=9)
    everything = tuple(np.ones(w.shape, bool) for w in weights)
    run = train(weights, everything, images, labels, eta=0.1, target_loss=1e-9, max_steps=3)
    for _ in range(3):
        gradient = loss_and_gradient(weights, images, labels)[1]
        weights = tuple(w - 0.1 * g for w, g in zip(weights, gradient, strict=True))
    assert (run.steps, run.status) == (3, "max-steps")
    for ours, theirs in zip(run.weights, weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


@pytest.mark.parametrize("pruning", PRUNINGS)
def test_at_p_1_every_mask_is_the_dense_run_to_the_bit(small, pruning):
    weights, images, labels = small(SIZES, n=9)
    everything = tuple(np.ones(w.shape, bool) for w in weights)
    dense = train(weights, everything, images, labels, eta=0.1)
    _, _, _, run = trained(small, pruning, p=1.0)
    assert run.steps == dense.steps
    assert all(np.array_equal(*pair) for pair in zip(run.weights, dense.weights, strict=True))


def test_the_start_is_not_changed(small):
    weights, images, labels = small(SIZES, n=9)
    before = [w.copy() for w in weights]
    trained(small)
    masks = tuple(np.ones(w.shape, bool) for w in weights)
    train(weights, masks, images, labels, eta=0.1)
    assert all(np.array_equal(*pair) for pair in zip(weights, before, strict=True))


def test_a_descent_says_how_it_ended(small):
    assert trained(small, p=1.0)[-1].status == "reached"
    assert trained(small, p=1.0, max_steps=2)[-1].status == "max-steps"
    assert trained(small, p=1.0, eta=1e9)[-1].status == "diverged"
    assert trained(small, p=0.001)[-1].status == "stalled"  # no path is left


@pytest.mark.parametrize(("name", "value"), [("eta", 0.0), ("target_loss", -1.0), ("max_steps", 0)])
def test_settings_that_cannot_train_are_refused(small, name, value):
    with pytest.raises(ValueError, match=f"{name} must be .* got {value}"):
        trained(small, **{name: value})
