import dataclasses
import math
from decimal import Decimal

import numpy as np
import pytest

from sims import Problem

GOOD = {
    "d": 20,
    "n": 4,
    "m": 3,
    "K": 2,
    "p": 0.5,
    "mu": 1.0,
    "sigma_n": 0.1,
    "sigma_0": 0.2,
    "eta": 0.3,
}
INTEGERS = ("d", "n", "m", "K")
REALS = ("p", "mu", "sigma_n", "sigma_0", "eta", "q")


def test_good_parameters_are_kept_as_plain_numbers():
    problem = Problem(**GOOD | {"d": np.int64(20), "mu": np.float64(1), "p": 1, "q": 2})
    for name in INTEGERS:
        assert type(getattr(problem, name)) is int
    for name in REALS:
        assert type(getattr(problem, name)) is float
    assert problem.noise == "isotropic"


def test_q_is_3_unless_given():
    assert Problem(**GOOD).q == 3.0


def test_whole_floats_count_as_integers():
    assert Problem(**GOOD | {"d": 2e4}).d == 20000


def test_parameters_make_the_same_problem_again():
    problem = Problem(**GOOD, q=3.5, noise="orthogonal")
    assert Problem(**problem.parameters()) == problem


def test_antipodal_signals_need_two_classes():
    with pytest.raises(ValueError, match=r"^signals 'antipodal' need K = 2, got K = 3$"):
        Problem(**GOOD | {"K": 3}, signals="antipodal")


def test_what_the_first_model_does_not_have_is_named_where_it_differs_alone():
    assert set(Problem(**GOOD).parameters()) == {*GOOD, "q", "noise"}
    assert Problem(**GOOD, flip=-0.0).parameters() == Problem(**GOOD).parameters()
    problem = Problem(**GOOD, signals="antipodal", flip=0.25)
    assert problem.parameters() == {
        **Problem(**GOOD).parameters(), "signals": "antipodal", "flip": 0.25,
    }  # fmt: skip
    assert Problem(**problem.parameters()) == problem
    sibling = {"signals": "antipodal", "flip": 0.25, "pruning": "snip"}
    regime = Problem.theorem_regime(200, 8, 5, 2, 1, **sibling)
    assert (regime.signals, regime.flip, regime.pruning) == tuple(sibling.values())
    assert Problem(**regime.parameters()) == regime


def test_grasp_needs_a_second_derivative():
    assert Problem(**GOOD, q=2.0, pruning="grasp-per-neuron").pruning == "grasp-per-neuron"
    with pytest.raises(ValueError, match=r"^pruning 'grasp' needs q >= 2[^\n]*got q = 1.5$"):
        Problem(**GOOD, q=1.5, pruning="grasp")


def test_a_problem_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError, match="eta"):
        Problem(**GOOD).eta = 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("d", 1),
        ("d", 0),
        ("n", 0),
        ("n", -3),
        ("m", 0),
        ("K", 1),
        *((name, 2.5) for name in INTEGERS),
        *((name, value) for name in INTEGERS for value in (True, "3", None, math.nan, math.inf)),
        *((name, value) for name in INTEGERS for value in (2**53 + 2, 3 + 0j)),
        ("p", 0),
        ("p", -0.1),
        ("p", 1.0000001),
        ("mu", 0),
        ("mu", -1.0),
        ("sigma_n", 0.0),
        ("sigma_0", -1e-3),
        ("eta", -1),
        ("eta", 0),
        ("q", 0.999),
        ("q", -3),
        *((name, value) for name in REALS for value in (math.nan, math.inf, -math.inf)),
        *((name, value) for name in REALS for value in (True, "3", None, Decimal("0.5"), 1j)),
        ("mu", 1e121),
        ("sigma_n", 1e-121),
        ("sigma_0", 1e300),
        ("eta", 5e-324),
        ("noise", "gaussian"),
        ("noise", None),
        ("noise", ""),
        *(("signals", value) for value in ("Axis", "", None, 1)),
        *(("pruning", value) for value in ("Random", "synflow-per-neuron", "", None, 1)),
        *(("flip", value) for value in (-0.1, 0.5, 1, math.nan, math.inf, True, "0.1", None)),
    ],
)
def test_a_value_outside_its_domain_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=rf"^{name}\b[^\n]* got [^\n]*$"):
        Problem(**GOOD | {name: value})


@pytest.mark.parametrize("name", INTEGERS + REALS)
def test_an_integer_beyond_float64_is_refused_by_name(name):
    with pytest.raises(ValueError, match=rf"^{name}\b[^\n]* got [^\n]*$"):
        Problem(**GOOD | {name: 10**400})


def test_d_is_at_least_K():
    assert Problem(**GOOD | {"d": 5, "K": 5}).d == 5
    with pytest.raises(ValueError, match=r"^d must be an integer of at least K = 5, got 4$"):
        Problem(**GOOD | {"d": 4, "K": 5})


@pytest.mark.parametrize(
    ("changes", "product"),
    [
        ({"eta": 1e100, "mu": 1e100}, r"eta \* mu\*\*2"),
        ({"eta": 1e-100, "mu": 1e-100}, r"eta \* mu\*\*2"),
        ({"eta": 1e110, "sigma_n": 1e10}, r"eta \* sigma_n\*\*2 \* d"),
        ({"sigma_0": 1e90, "mu": 1e90, "eta": 1e-100}, r"sigma_0 \* mu"),
        ({"sigma_0": 1e-90, "sigma_n": 1e-40}, r"sigma_0 \* sigma_n"),
    ],
)
def test_sizes_whose_products_leave_float64_are_refused(changes, product):
    with pytest.raises(ValueError, match=f"^{product} must lie between"):
        Problem(**GOOD | changes)


def test_the_theorem_regime_has_all_hidden_constants_1():
    problem = Problem.theorem_regime(20000, 30, 20, 2, 0.5)
    assert (problem.d, problem.n, problem.m, problem.K, problem.p) == (20000, 30, 20, 2, 0.5)
    assert problem.mu == problem.eta == 1.0
    assert problem.q == 3.0
    assert problem.sigma_n == pytest.approx(1 / (math.sqrt(20000) * math.log(20000)), rel=1e-14)
    assert problem.sigma_0 == pytest.approx(1 / (20**4 * 30), rel=1e-14)


def test_the_theorem_regime_follows_the_unit_of_mu():
    problem = Problem.theorem_regime(1000, 8, 5, 3, 1, mu=4.0, q=2, noise="orthogonal")
    one = Problem.theorem_regime(1000, 8, 5, 3, 1, q=2, noise="orthogonal")
    assert problem == dataclasses.replace(
        one, mu=4.0, sigma_n=4 * one.sigma_n, sigma_0=one.sigma_0 / 4, eta=1 / 16
    )


def test_the_theorem_regime_takes_eta_as_given():
    assert Problem.theorem_regime(1000, 8, 5, 3, 1, mu=2.0, eta=0.125).eta == 0.125


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("d", value) for value in (1, 0, 2.5, True, "3", math.nan)),
        *(("n", value) for value in (0, 1.5, None)),
        *(("m", value) for value in (0, -1, "2")),
        *(("K", value) for value in (1, 2001, 2.5)),
        *(("p", value) for value in (0, 2, math.nan)),
        *(("mu", value) for value in (0, -1, math.nan, "1", True, 1e-200)),
        *(("eta", value) for value in (-1, 0, math.inf, True)),
    ],
)
def test_the_theorem_regime_refuses_bad_values_by_name(name, value):
    good = {"d": 2000, "n": 4, "m": 3, "K": 2, "p": 0.5}
    expected = "d" if (name, value) == ("K", 2001) else name
    with pytest.raises(ValueError, match=rf"^{expected}\b[^\n]* got [^\n]*$"):
        Problem.theorem_regime(**good | {name: value})
