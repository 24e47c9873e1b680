"""One repetition: arms that are what they say, paired, and the same bits from the same seed."""

import math

import numpy as np
import pytest

from sims.perceptron import PRUNINGS, train
from theorycheck.images import runs as runs_module
from theorycheck.images.made import made_digits
from theorycheck.images.plan import DigitsPlan
from theorycheck.images.runs import accuracy, repeat

SMALL = {"n": 20, "test": 50, "hidden": (12,), "p": (0.5, 0.1)}


@pytest.fixture(scope="module")
def images():
    return made_digits(120)


def test_every_mask_has_both_its_arms_and_the_shrunk_one_is_shared(images):
    plan = DigitsPlan(**SMALL, pruning=PRUNINGS, max_steps=3)
    runs = repeat(images, plan, 0).runs
    told = [(run.arm, run.pruning, run.p) for run in runs]
    assert told[0] == ("dense", "", 1.0)
    assert len(told) == 1 + 2 * (1 + 2 * len(PRUNINGS)) == len(set(told))
    for run in runs:
        share = run.p if run.arm in ("pruned", "rescaled") else 1.0
        assert run.kept == (pytest.approx(share, abs=1e-3), 1.0)


@pytest.mark.parametrize("layers", ["first", "all"])
def test_the_arms_start_as_they_are_called(images, monkeypatch, layers):
    starts = []

    def noted(start, masks, *rest):
        starts.append((start, masks))
        return train(start, masks, *rest)

    monkeypatch.setattr(runs_module, "train", noted)
    plan = DigitsPlan(**{**SMALL, "p": (0.3,), "layers": layers}, max_steps=1)
    told = [run.arm for run in repeat(images, plan, 0).runs]
    found = dict(zip(told, starts, strict=True))
    (dense, everything), (shrunk, whole) = found["dense"], found["shrunk"]
    (pruned, masks), (rescaled, same) = found["pruned"], found["rescaled"]
    for layer in (0, 1):
        touched = layers == "all" or layer == 0
        factor = math.sqrt(0.3) if touched else 1.0
        assert everything[layer].all()
        assert whole[layer].all()
        assert masks[layer].all() == (not touched)
        np.testing.assert_array_equal(masks[layer], same[layer])
        np.testing.assert_array_equal(pruned[layer], dense[layer])
        np.testing.assert_allclose(shrunk[layer], factor * dense[layer], rtol=1e-15)
        np.testing.assert_allclose(rescaled[layer], dense[layer] / factor, rtol=1e-15)


def test_the_same_seed_gives_the_same_bits(images):
    plan = DigitsPlan(**SMALL)
    assert repeat(images, plan, 3) == repeat(images, plan, 3)
    assert repeat(images, plan, 3) != repeat(images, plan, 4)


def test_p_changes_nothing_but_itself(images):
    few, many = (DigitsPlan(**{**SMALL, "p": p}) for p in ((0.1,), (0.5, 0.2, 0.1)))
    told = [{(run.arm, run.p): run for run in repeat(images, plan, 1).runs} for plan in (few, many)]
    for which in (("dense", 1.0), ("pruned", 0.1), ("shrunk", 0.1), ("rescaled", 0.1)):
        assert told[0][which] == told[1][which]


def test_all_layers_are_pruned_and_shrunk_where_asked(images):
    plan = DigitsPlan(**{**SMALL, "hidden": (12, 8), "layers": "all"})
    pruned = next(run for run in repeat(images, plan, 0).runs if run.arm == "pruned")
    sizes = np.array([400 * 12, 12 * 8, 8 * 10])
    assert pruned.kept @ sizes == pytest.approx(round(0.5 * sizes.sum()))
    assert all(share < 1 for share in pruned.kept)


def test_what_diverges_has_no_accuracy_and_what_is_dead_is_counted(images):
    plan = DigitsPlan(**SMALL, eta=1e9)
    dense = repeat(images, plan, 0).runs[0]
    assert dense.status == "diverged"
    assert math.isnan(dense.accuracy)
    cut = repeat(images, DigitsPlan(**{**SMALL, "p": (1e-4,)}, layers="all"), 0).runs[-1]
    assert cut.status == "stalled"
    assert cut.dead >= 11 / 12
    assert cut.accuracy == pytest.approx(0.1, abs=0.01)  # logits tie: a guess


def test_ties_count_their_expectation():
    F = np.array([[1.0, 0.0, 2.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert accuracy(F, np.array([0, 2, 1])) == pytest.approx((1 / 2 + 1 / 3 + 0) / 3)
