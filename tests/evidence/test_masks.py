"""The evidence on masks by score, in reduced form."""

from dataclasses import replace

import numpy as np
import pytest

from evidence import masks
from sims import mask_of, simulate

SEEDS = 4


@pytest.fixture(scope="module")
def rows():
    return {row["pruning"]: row for row in masks.compared(0.05, masks.PRUNINGS, SEEDS)}


def test_snip_keeps_signals_that_other_masks_lose(rows):
    assert rows["snip"]["test error"][0] < 0.01
    for name in ("random", "magnitude", "synflow"):
        assert rows[name]["test error"][0] > 0.1
    difference, error = rows["snip"]["test error less that of random, paired"]
    assert difference == pytest.approx(-rows["random"]["test error"][0], abs=0.01)
    assert error > 0
    assert rows["random"]["test error less that of random, paired"] == []


def test_what_is_predicted_of_a_mask_is_measured(rows):
    kept, told = (rows["snip"][f"own signals kept{end}"] for end in ("", ", predicted"))
    assert kept[0] == pytest.approx(told, abs=0.02 + 3 * kept[1])
    what = "first products with noise"
    size, told = (rows["magnitude"][f"{what}{end}"] for end in ("", ", predicted"))
    assert size[0] == pytest.approx(told, abs=4 * size[1])
    assert rows["random"][what][0] == pytest.approx(1, abs=4 * rows["random"][what][1])


def test_at_low_snr_snip_is_worse_than_chance():
    chance, snip = masks.compared(0.12, ("random", "snip"), SEEDS, masks.LOW_SNR)
    assert snip["test error"][0] > 0.45 > chance["test error"][0]


def test_neurons_that_keep_nothing_are_counted():
    problem = replace(masks.problem_at("synflow", 0.2, d=400), m=5)
    run = simulate(problem, 0, "gram", max_steps=0)
    assert masks.emptied(run) == np.sum(~mask_of(run.draw).any(axis=2)) > 0
