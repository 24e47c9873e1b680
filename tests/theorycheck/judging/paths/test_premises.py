"""Which premises a path keeps, which it leaves and where, and from which it is released."""

import math
from dataclasses import replace

import pytest
import sympy

import bounds
from bounds import REGIME, Condition, Source, symbols
from sims import Problem
from theorycheck.judging.family import Family, mild_family
from theorycheck.judging.paths.exponent_paths import mild_paths, over_paths
from theorycheck.judging.paths.premises import path_premises, regime_left, unmet
from theorycheck.judging.table import points_of

EPSILON = 0.05
MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
BOTH = pytest.mark.parametrize("theorem", [MILD, OVER], ids=lambda theorem: theorem.id)
SOURCE = Source("me", "derived", "page 1")
SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)
TAIL = SIZES[2:]
# n = 4, mu = 1: n SNR^3 is 4 SNR^3
SNR = symbols.mu / (symbols.sigma_n * sympy.sqrt(symbols.d))


def on_path(theorem, family):
    return {one.id: one for one in path_premises(theorem, family, points_of(family, EPSILON))}


def changed(family, **changes):
    return replace(family, problems=tuple(replace(one, **changes) for one in family.problems))


def stated(*conditions):
    """A theorem with these premises alone."""
    return replace(MILD, id="own", conditions={one.id: one for one in conditions})


def condition(direction, constant=1.0, name="C_snr", expression=None, **more):
    expression = symbols.n * SNR**symbols.q if expression is None else expression
    return Condition(
        "snr", "n SNR^q = X~(1)", expression, direction, SOURCE, constant, name, **more
    )


def along_d(*constants):
    """A path along d on which n SNR^q has these values, or one value everywhere."""
    several = constants if len(constants) > 1 else constants * len(SIZES)
    problems = [
        Problem(d, 4, 3, 2, 1.0, 1.0, (4 / constant) ** (1 / 3) / math.sqrt(d), 0.02, 0.5)
        for d, constant in zip(SIZES, several, strict=True)
    ]
    return Family("d", tuple(problems), "")


# what a path is held to


@BOTH
def test_theorem_regime_keeps_every_premise(theorem, long_path):
    found = on_path(theorem, long_path[theorem.id])
    assert list(found) == list(theorem.conditions)
    reported = {name for name, one in REGIME.items() if one.constant_name.startswith("power")}
    assert {one.id for one in found.values() if one.state == "reported"} == reported
    assert {one.state for one in found.values()} == {"kept", "reported"}


@BOTH
def test_every_premise_has_its_constant_at_each_size(theorem, long_path):
    family = long_path[theorem.id]
    for name, one in on_path(theorem, family).items():
        premise = theorem.conditions[name]
        at = [{**problem.parameters(), "epsilon": EPSILON} for problem in family.problems]
        assert one.implied == pytest.approx([premise.implied_constant(here) for here in at])
        assert (one.statement, one.constant_name) == (premise.statement, premise.constant_name)
        assert one.declared == premise.constant


def test_yes_or_no_premise_is_true_or_not(long_path):
    found = on_path(MILD, changed(long_path["mild-pruning"], q=2.5))["power"]
    assert (found.state, found.relation, found.left_at) == ("not kept", "=", SIZES)
    assert found.reason == (
        "the premise q = 3 fails at d = 100000, 1e+06, 1e+07: it is 2.5 there, and exactly 3 is "
        "asked"
    )


def test_premise_of_the_theorem_keeps_its_declared_constant(long_path):
    found = on_path(MILD, changed(long_path["mild-pruning"], p=0.05))["mild-pruning"]
    # p m / log d falls from 0.145 to 0.062, where C1 = 0.1 is declared
    assert (found.state, found.relation, found.constant_name) == ("not kept", ">=", "C1")
    assert found.left_at == (10**5, 10**6, 10**7)
    assert "C1 is 0.062 to 0.0869 there, and at least 0.1 is declared" in found.reason


def test_upper_premise_of_the_regime_is_asked(long_path):
    found = on_path(MILD, mild_family(SIZES, n=30, m=20, K=14, p=0.5))
    assert found["few-classes"].state == "not kept"
    assert "C_K is 1.01 to 1.22 there, and at most 1 is declared" in found["few-classes"].reason


@pytest.mark.parametrize("direction", ["lower", "upper"])
@pytest.mark.parametrize("name", ["C_snr", "snr_0", "power_snr"])
def test_one_sided_premise_of_a_user_is_asked_whatever_it_is_called(direction, name):
    theorem = stated(condition(direction, name=name))
    sign, wrong = (">=", 0.01) if direction == "lower" else ("<=", 100.0)
    for constant, state in ((wrong, "not kept"), (1.0, "kept"), (1 / wrong, "kept")):
        found = on_path(theorem, along_d(constant))["snr"]
        assert (found.state, found.relation) == (state, sign)
        assert found.left_at == (SIZES if state == "not kept" else ())


@pytest.mark.parametrize("direction", ["lower", "upper"])
def test_one_sided_premise_is_asked_over_the_tail(direction):
    theorem = stated(condition(direction))
    bad, good = (0.1, 10.0) if direction == "lower" else (10.0, 0.1)
    for constants, state, left in (
        ((good, good, good, good, bad), "not kept", SIZES[4:]),
        ((good, good, bad, bad, good), "not kept", SIZES[2:4]),
        ((bad, bad, good, good, good), "kept", SIZES[:2]),
    ):
        found = on_path(theorem, along_d(*constants))["snr"]
        assert (found.state, found.left_at) == (state, left)
        assert bool(found.reason) == (state == "not kept")


@pytest.mark.parametrize(
    ("constants", "state"),
    [
        ((7.0, 7.0, 7.0, 7.0, 7.0), "kept"),
        ((50.0, 9.0, 1.0, 1.5, 2.0), "kept"),  # what comes before the tail is not asked
        ((1.0, 1.0, 1.0, 1.5, 2.1), "not kept"),
    ],
)
def test_theta_may_move_by_a_factor_over_the_tail(constants, state):
    found = on_path(stated(condition("both")), along_d(*constants))["snr"]
    assert (found.state, found.relation) == (state, "Theta")
    assert found.left_at == (TAIL if state == "not kept" else ())
    if found.reason:
        assert "over the tail C_snr is 1 to 2.1, and moves by more than a factor 2" in found.reason


def test_power_of_a_logarithm_is_asked_where_it_is_declared():
    # m = 20: log m / log log d is 1.55 at d = 1e3 and 1.08 at d = 1e7
    family = mild_family(SIZES, n=30, m=20)
    for declared, state in ((1.05, "kept"), (1.2, "not kept")):
        premise = replace(REGIME["width"], constant=declared)
        found = on_path(stated(premise), family)["width"]
        assert (found.state, found.constant_name) == (state, "power_m")
    assert on_path(stated(REGIME["width"]), family)["width"].state == "reported"


def test_constant_at_the_edge_is_kept_in_spite_of_rounding():
    for constant, state in ((1 - 1e-12, "kept"), (1 - 1e-6, "not kept")):
        assert on_path(stated(condition("lower")), along_d(constant))["snr"].state == state


def test_premise_without_a_real_value_is_not_kept():
    premise = condition("upper", expression=sympy.log(1 - symbols.K) * symbols.n)
    found = on_path(stated(premise), along_d(1.0))["snr"]
    assert found.state == "not kept"
    assert all(math.isnan(one) for one in found.implied)
    assert "C_snr is not defined there" in found.reason


def test_premise_that_sympy_cannot_decide_is_not_kept():
    premise = condition("lower", name="", expression=sympy.log(1 - symbols.K))
    found = on_path(stated(premise), along_d(1.0))["snr"]
    assert found.state == "not kept"


def test_premise_that_asks_for_what_is_not_there_is_wrong():
    with pytest.raises(ValueError, match="delta is missing"):
        on_path(stated(condition("lower", expression=symbols.delta)), along_d(1.0))


# what a path may leave


def test_premise_is_released_by_its_id(long_path):
    path = changed(long_path["mild-pruning"], p=1e-3)
    free = replace(path, released=("mild-pruning",))
    assert [one.state for one in on_path(MILD, free).values()].count("released") == 1
    assert unmet(tuple(on_path(MILD, free).values())) == []
    square = replace(changed(path, q=2.0, p=0.5), released=("power",))
    assert unmet(tuple(on_path(MILD, square).values())) == []


def test_releasing_one_premise_keeps_the_others(long_path):
    # sigma_n fixed leaves mu = Theta(sigma_n sqrt(d) log d); p = 1e-3 leaves C1
    path = changed(long_path["mild-pruning"], p=1e-3, sigma_n=1e-3)
    (reason,) = unmet(tuple(on_path(MILD, replace(path, released=("mild-pruning",))).values()))
    assert "mu = Theta(sigma_n sqrt(d) log d)" in reason


def test_released_premise_must_be_one_of_the_theorem():
    family = replace(mild_family((1000,)), released=("x",))
    with pytest.raises(ValueError, match=r"released must name premises among .* got 'x'"):
        on_path(MILD, family)


def test_lone_parameter_leaves_the_regime_and_no_premise_beside_it():
    own = condition("lower", 1e9)
    theorem = replace(MILD, conditions={**REGIME, own.id: own})
    for path in mild_paths():
        left = regime_left(theorem, path.family, points_of(path.family, path.epsilon))
        assert set(left) <= {"few-classes", "signal-to-noise", "initialization"}
        found = on_path(theorem, replace(path.family, released=left))
        assert [one.id for one in found.values() if one.state == "not kept"] == ["snr"]


def test_premise_of_over_pruning_is_its_own():
    left = {
        path.path.along: regime_left(OVER, path.family, points_of(path.family, path.epsilon))
        for path in over_paths()
    }
    assert all("over-pruning" not in names for names in left.values())
    assert left["sigma_0"] == ("initialization",)
    assert left["eta"] == ()


def test_premise_that_a_user_declares_anew_is_not_of_the_regime():
    (path,) = [one for one in mild_paths() if one.path.along == "K"]
    stricter = replace(REGIME["few-classes"], constant=0.5)
    for premise, left in ((REGIME["few-classes"], ("few-classes",)), (stricter, ())):
        theorem = stated(premise)
        assert regime_left(theorem, path.family, points_of(path.family, EPSILON)) == left
