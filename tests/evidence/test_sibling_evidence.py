"""The evidence on sibling theorems, in reduced form."""

import math

import numpy as np
import pytest

from evidence import relu_curve, relu_map, sibling_race, square_growth


def test_few_classes_near_the_boundary_are_decided_by_their_draw():
    found = sibling_race.raced(3.0, 8, 8, 1.0, seeds=8)
    assert found["right"] >= found["classes"] - 1
    assert 0 < found["learned"] < found["classes"]
    assert found["gap"][0] < 0.2 < 1 < found["gap"][1]
    for _, low, high in found[
        "L_D: runs, least and largest over log 2 times the share unlearned"
    ].values():
        assert (low, high) == pytest.approx((1, 1), abs=1e-3)


def test_steps_grow_like_the_start_to_the_power_two_minus_q():
    line = sibling_race.Line("sigma_0", 3.0, (1e-3, 1e-4), -1.0)
    mean, _ = sibling_race.slope(line, seeds=4)["slope, standard error"]
    assert mean == pytest.approx(-1, abs=0.02)


def test_share_of_active_neurons_depends_on_what_the_start_is_small_against():
    kicked = relu_curve.measure(relu_curve.Cell(0.25, 40, 64_000), seeds=4)
    flow = relu_curve.measure(relu_curve.Cell(0.25, 40, 64_000, h=0.01, start=10.0), seeds=4)
    assert kicked["share"] == pytest.approx(relu_curve.kicked_share(), abs=0.02)
    assert flow["share"] == pytest.approx(0.75, abs=0.02)


def test_kicked_share_is_that_of_two_negative_gaussian_kicks():
    share, rng = relu_curve.kicked_share(), np.random.default_rng(0)
    own, other, later = rng.standard_normal((3, 10**6))
    first = math.sqrt(0.5) * (own + other)
    last = math.sqrt(0.5) * own + math.sqrt(share - 0.5) * later
    silent = np.mean((first < 0) & (last < 0)) / 2
    assert 1 - silent == pytest.approx(share, abs=2e-3)


@pytest.mark.parametrize("flip", [0.0, 0.1])
def test_products_grow_by_the_predicted_factor_in_every_step(flip):
    found = square_growth.growth(10, 6, flip, seeds=4)
    for name in ("signal", "noise"):
        assert found[name]["range"] == pytest.approx([1, 1], abs=2e-3)


def test_signal_wins_below_the_window_of_starts_and_not_inside():
    inside, below = (
        square_growth.errors(20, 10, 0.0, start, seeds=6)["error"] for start in (0.1, 1e-4)
    )
    assert inside > 0.1 > below


@pytest.mark.parametrize("mu", [1.0, 3.0])
def test_three_models_of_the_public_map_err_alike(mu):
    rng = np.random.default_rng(1)
    script = np.mean([relu_map.script_error(100, mu, rng) for _ in range(40)])
    engine = {
        noise: relu_map.engine_errors(100, mu, noise) for noise in ("isotropic", "orthogonal")
    }
    for errors in engine.values():
        assert errors.mean() == pytest.approx(script, abs=0.06)


def test_network_of_the_script_learns_only_what_its_steps_teach():
    rng = np.random.default_rng(1)
    untrained = np.mean([relu_map.script_error(100, 5.0, rng, steps=0) for _ in range(40)])
    assert untrained == pytest.approx(0.5, abs=0.1)


def test_half_way_is_where_a_row_last_passes_it():
    errors = np.full(len(relu_map.SIGNALS), 0.1)
    errors[:3] = 0.4, 0.2, 0.4
    between = relu_map.SIGNALS[2] * relu_map.SIGNALS[3]
    errors[3] = 0.2
    assert relu_map.half_way(errors) == pytest.approx(math.sqrt(between))
