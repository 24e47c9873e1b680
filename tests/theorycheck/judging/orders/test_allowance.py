"""What growth an order allows along a path: by the paths' own logarithms."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import bounds
from bounds.statements import BIG_O, OMEGA
from sims import Problem
from theorycheck.judging.orders.allowance import TIE, Allowance
from theorycheck.judging.slopes import RESOLUTION

SOFT = bounds.THEOREMS["mild-pruning"].claims["no-noise"]
HARD, LOWER = replace(SOFT, order=BIG_O, log_power=0.0), replace(SOFT, order=OMEGA, log_power=0.0)
BASE = Problem.theorem_regime(10_000, 30, 20, 2, 0.5)
FACTORS = 2.0 ** np.arange(6)
ALL, END = np.ones(6, bool), np.arange(6) >= 3


def along(*names, epsilons=(0.05,) * 6):
    """A path that doubles some parameters five times; p halves."""
    changes = [
        {name: type(getattr(BASE, name))(getattr(BASE, name) * factor) for name in names}
        for factor in (FACTORS if names != ("p",) else 1 / FACTORS)
    ]
    return [(replace(BASE, **one), e) for one, e in zip(changes, epsilons, strict=True)]


def slope_of(logarithm, progress=FACTORS):
    return stats.linregress(np.log(progress), np.log(logarithm)).slope


def test_soft_order_allows_log_d_squared_along_d():
    allowed = Allowance.of(SOFT, along("d"))
    expected = 2 * slope_of(np.log(10_000 * FACTORS))
    assert allowed.tolerated(FACTORS, ALL) == pytest.approx(expected + TIE)
    assert expected > 3 * RESOLUTION
    late = 2 * slope_of(np.log(10_000 * FACTORS[END]), FACTORS[END])
    assert allowed.tolerated(FACTORS, END) == pytest.approx(late + TIE)


@pytest.mark.parametrize("name", ["n", "m", "K"])
def test_soft_order_allows_the_logarithm_of_everything_along_the_others(name):
    allowed = Allowance.of(SOFT, along(name))
    product = 10_000 * 30 * 20 * 2 / 0.01 * FACTORS
    assert allowed.tolerated(FACTORS, ALL) == pytest.approx(2 * slope_of(np.log(product)) + TIE)


@pytest.mark.parametrize("other", ["n", "sigma_0"])
def test_what_moves_beside_d_leaves_the_logarithm_of_d(other):
    alone, beside = (Allowance.of(SOFT, along(*names)) for names in (("d",), ("d", other)))
    assert beside.tolerated(FACTORS, ALL) == alone.tolerated(FACTORS, ALL)


@pytest.mark.parametrize("name", ["sigma_0", "sigma_n", "mu", "eta", "p"])
@pytest.mark.parametrize("claim", [SOFT, replace(SOFT, log_power=9.0)])
def test_nothing_hides_in_a_logarithm_along_the_rest(name, claim):
    allowed = Allowance.of(claim, along(name))
    assert allowed.tolerated(FACTORS, ALL) == RESOLUTION
    assert allowed.ceiling(FACTORS, ALL) == 0.0
    assert allowed.words == ""


def test_nothing_hides_in_a_logarithm_along_epsilon():
    allowed = Allowance.of(SOFT, along(epsilons=tuple(0.1 / FACTORS)))
    assert allowed.tolerated(FACTORS, ALL) == RESOLUTION
    assert allowed.ceiling(FACTORS, ALL) == 0.0


@pytest.mark.parametrize("claim", [HARD, LOWER], ids=["O", "Omega"])
@pytest.mark.parametrize("name", ["d", "n", "m"])
def test_other_orders_allow_the_resolution_alone(claim, name):
    assert Allowance.of(claim, along(name)).tolerated(FACTORS, ALL) == RESOLUTION


@pytest.mark.parametrize("power", [0.5, 3.0])
def test_power_that_a_claim_declares_takes_the_place_of_two(power):
    allowed = Allowance.of(replace(SOFT, log_power=power), along("d"))
    log_d = slope_of(np.log(10_000 * FACTORS))
    assert allowed.tolerated(FACTORS, ALL) == pytest.approx(max(power * log_d + TIE, RESOLUTION))
    assert allowed.ceiling(FACTORS, ALL) == pytest.approx((power + 2) * log_d)


def test_ceiling_of_a_soft_order_is_two_powers_higher():
    allowed = Allowance.of(SOFT, along("d"))
    assert allowed.ceiling(FACTORS, ALL) == pytest.approx(4 * slope_of(np.log(10_000 * FACTORS)))
    assert allowed.words == "log(d)^4"


@pytest.mark.parametrize("claim", [HARD, LOWER], ids=["O", "Omega"])
def test_ceiling_of_other_orders_is_one_logarithm(claim):
    allowed = Allowance.of(claim, along("d"))
    assert allowed.ceiling(FACTORS, ALL) == pytest.approx(
        slope_of(np.log(10_000 * FACTORS)), rel=1e-4
    )
    assert allowed.words == "log(d)"


@pytest.mark.parametrize("claim", [SOFT, HARD])
def test_ceiling_reaches_the_logarithm_of_a_small_size_itself(claim):
    # log(1 + m) moves more than log(d n m K / delta)^4 where m is small
    allowed = Allowance.of(claim, along("K"))
    assert allowed.ceiling(FACTORS, ALL) == pytest.approx(slope_of(np.log(1 + 2 * FACTORS)))


def test_growth_like_the_allowed_power_is_tolerated_with_a_tie_to_spare():
    allowed = Allowance.of(SOFT, along("d"))
    growth = slope_of(np.log(10_000 * FACTORS) ** 2)
    assert growth + TIE == pytest.approx(allowed.tolerated(FACTORS, ALL))
    assert 0 < TIE < RESOLUTION / 5


def test_path_of_one_size_allows_the_resolution():
    allowed = Allowance.of(SOFT, along("d")[:1])
    assert allowed.tolerated(FACTORS[:1], ALL[:1]) == RESOLUTION
    assert allowed.ceiling(FACTORS[:1], ALL[:1]) == 0.0
