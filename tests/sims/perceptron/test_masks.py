"""What is kept: exact counts, nested sets, scores by their definition."""

from itertools import pairwise

import numpy as np
import pytest

from sims.perceptron import (
    PRUNINGS,
    draw_masks,
    flow_scores,
    hessian_product,
    loss_and_gradient,
    masked,
)

EACH = pytest.mark.parametrize("pruning", PRUNINGS)
GRID = (1.0, 0.5, 0.31, 0.1, 0.02)


def masks_at(small, pruning, p, pruned=None, sizes=(20, 15, 10, 4)):
    weights, images, labels = small(sizes, n=12)
    rng = np.random.default_rng(5)
    return weights, draw_masks(pruning, p, weights, images, labels, rng, pruned)


@EACH
@pytest.mark.parametrize("p", GRID)
def test_the_count_that_is_kept_is_exact(small, pruning, p):
    _, masks = masks_at(small, pruning, p)
    total = sum(mask.size for mask in masks)
    assert sum(int(mask.sum()) for mask in masks) == round(p * total)


@EACH
def test_layers_that_are_not_pruned_keep_all_and_the_first_keeps_its_share(small, pruning):
    _, masks = masks_at(small, pruning, 0.31, pruned=(0,))
    assert masks[0].sum() == round(0.31 * masks[0].size)
    assert all(mask.all() for mask in masks[1:])


@pytest.mark.parametrize("pruning", [name for name in PRUNINGS if name != "synflow"])
def test_kept_sets_are_nested_as_p_falls(small, pruning):
    found = [masks_at(small, pruning, p)[1] for p in GRID]
    for more, fewer in pairwise(found):
        assert all(np.all(less <= much) for much, less in zip(more, fewer, strict=True))


@EACH
def test_the_largest_scores_are_kept(small, pruning):
    weights, masks = masks_at(small, pruning, 0.4)
    _, images, labels = small((20, 15, 10, 4), n=12)
    gradient = loss_and_gradient(weights, images, labels)[1]
    change = hessian_product(weights, gradient, images, labels)
    scores = {
        "random": [-u for u in uniforms(weights)],
        "magnitude": [abs(w) for w in weights],
        "snip": [abs(w * g) for w, g in zip(weights, gradient, strict=True)],
        "grasp": [w * c for w, c in zip(weights, change, strict=True)],  # -(-w (H g))
        "synflow": list(flow_scores(masked(weights, masks))),  # 0 for what was removed
    }[pruning]
    kept = np.concatenate([s[m] for s, m in zip(scores, masks, strict=True)])
    removed = np.concatenate([s[~m] for s, m in zip(scores, masks, strict=True)])
    assert kept.min() >= removed.max()


def uniforms(weights):
    rng = np.random.default_rng(5)
    return [rng.random(weight.shape) for weight in weights]


def test_synflow_keeps_paths_where_magnitude_cuts_a_layer_off(small):
    weights, images, labels = small((20, 15, 10, 4), n=12)
    weights = (weights[0], weights[1], 1e-3 * weights[2])
    kept = {
        pruning: draw_masks(pruning, 0.05, weights, images, labels, np.random.default_rng(0))
        for pruning in ("magnitude", "synflow")
    }
    assert not kept["magnitude"][-1].any()
    assert all(mask.any() for mask in kept["synflow"])


@pytest.mark.parametrize("p", [0, -0.1, 1.5, float("nan")])
def test_a_share_outside_its_domain_is_refused(small, p):
    with pytest.raises(ValueError, match="p "):
        masks_at(small, "random", p)


def test_an_unknown_mask_is_refused(small):
    with pytest.raises(ValueError, match=r"pruning must be one of random, .* got 'best'"):
        masks_at(small, "best", 0.5)
