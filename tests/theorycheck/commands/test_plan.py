"""What `theorycheck verify` is asked for: validated before any work starts."""

import json
import math
from pathlib import Path

import pytest

import bounds
from sims import Problem
from theorycheck.commands.check import planned_runs
from theorycheck.commands.plan import Plan, plan_from
from theorycheck.judging.exponent_paths import chosen_paths
from theorycheck.judging.theorems import find, is_module


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"theorem": "x"},
            "THEOREM must be one of .*, all or the path of a module .py, got 'x'",
        ),
        ({"seeds": 0}, "seeds must be an integer of at least 1, got 0"),
        ({"epsilon": math.nan}, "epsilon must be a finite number greater than 0, got nan"),
        ({"epsilon": -1.0}, "epsilon must be a finite number greater than 0, got -1.0"),
        ({"engine": "x"}, "engine must be one of .*, got 'x'"),
        ({"along": ("x",)}, "along must be of d, n, .*, got 'x'"),
        ({"theorem": "no-such-file.py"}, "no-such-file.py must be a file, and is none"),
        ({"workers": 0}, "workers must be an integer of at least 1, got 0"),
        ({"workers": 1.5}, "workers must be an integer of at least 1, got 1.5"),
        ({"d": (600, 300, 600)}, "d must name every size once, got 600,300,600"),
        ({"d": (1,)}, "d must be an integer from 2 to 2"),
        ({"n": 0}, "n must be an integer from 1 to 2"),
        ({"m": 0}, "m must be an integer from 1 to 2"),
        ({"K": 1}, "K must be an integer from 2 to 2"),
        ({"p": 0.0}, "p is the probability to keep a weight and must satisfy 0 < p <= 1, got 0.0"),
        ({"noise": "x"}, "noise must be one of isotropic, orthogonal, got 'x'"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_bad_plan_is_refused_before_any_work(options, message):
    with pytest.raises(ValueError, match=message):
        Plan(**options)


def test_bad_size_of_over_pruning_is_named():
    with pytest.raises(ValueError, match="d must be"):
        Plan("over-pruning", d=(1,))


def test_built_in_families_reach_where_the_claims_begin():
    families = Plan().families()
    assert list(families) == ["mild-pruning", "over-pruning"]
    for [course] in families.values():
        problems = course.family.problems
        assert [problem.d for problem in problems] == [10**4, 10**6, 10**8, 10**10, 10**12]
        assert {(one.n, one.m, one.K) for one in problems} == {(10, 6, 2)}
        assert (course.engine, course.epsilon) == ("gram-law", 0.05)
    assert {one.p for one in families["mild-pruning"][0].family.problems} == {0.7}
    assert Plan().chosen("seeds") == 20


def test_options_shape_the_family():
    plan = Plan("mild-pruning", d=(300,), n=4, m=3, K=3, p=0.5, noise="orthogonal", epsilon=0.2)
    ((course,),) = plan.families().values()
    assert course.family.problems == (
        Problem.theorem_regime(300, 4, 3, 3, 0.5, noise="orthogonal"),
    )
    assert (course.engine, course.epsilon) == ("auto", 0.2)


def test_lemmas_bring_the_paths_of_mild_pruning():
    plan = Plan("lemmas", d=(300,))
    assert (plan.theorems(), list(plan.families())) == ([], ["mild-pruning"])


def test_lone_parameters_bring_their_paths():
    families = Plan("all", along=("eta", "sigma_0")).families()
    for theorem, courses in families.items():
        expected = chosen_paths(bounds.THEOREMS[theorem], ("eta", "sigma_0"))
        assert [one.family for one in courses] == [one.family for one in expected]
        assert [one.epsilon for one in courses] == [one.epsilon for one in expected]
        assert [one.engine for one in courses] == [one.engine for one in expected]


OWN = """
from bounds.statements import BIG_O, Claim, Source, Theorem
from sims import Problem
from theorycheck import Family
SOURCE = Source("me", "derived", "")
CLAIM = Claim("test-loss", "", "", 1, BIG_O, SOURCE)
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"test-loss": CLAIM}, "learnable")
"""


def test_module_brings_its_own_family(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN + "FAMILY = Family('d', (Problem.theorem_regime(77, 4, 3, 2, 1.0),), '')\n")
    ((course,),) = Plan(str(path), epsilon=0.3).families().values()
    assert [problem.d for problem in course.family.problems] == [77]
    assert course.epsilon == 0.3
    with pytest.raises(ValueError, match=r"d must be left out with .* got d = \(300,\)"):
        Plan(str(path), d=(300,))


def test_module_without_a_family_takes_that_of_the_regime(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN)
    ((course,),) = Plan(str(path), d=(300,), n=4, m=3).families().values()
    assert course.family.problems == (Problem.theorem_regime(300, 4, 3, 2, 0.7),)


# options that a check cannot use

SET = {
    "d": (300,),
    "seeds": 3,
    "n": 4,
    "m": 3,
    "K": 3,
    "p": 0.5,
    "noise": "orthogonal",
    "epsilon": 0.2,
    "engine": "flow",
    "along": ("eta", "p"),
    "store": Path("runs.db"),
}
SHAPE = {"d", "n", "m", "K", "noise"}
ALWAYS = {"seeds", "epsilon", "engine", "along", "store"}
FAMILIES = {
    "own.py": "",
    "own-family.py": "FAMILY = Family('d', (Problem.theorem_regime(77, 4, 3, 2, 1.0),), '')",
    "own-epsilon.py": "FAMILY = Family('epsilon', (Problem.theorem_regime(77, 4, 3, 2, 1.0),), '', "
    "'down', epsilons=(0.5, 0.1))",
}
USED = {
    ("mild-pruning", ()): SHAPE | {"p"} | ALWAYS,
    ("over-pruning", ()): SHAPE | ALWAYS,
    ("lemmas", ()): SHAPE | {"p"} | ALWAYS,
    ("predictions", ()): set(),
    ("all", ()): SHAPE | {"p"} | ALWAYS,
    ("own.py", ()): SHAPE | {"p"} | ALWAYS,
    ("own-family.py", ()): ALWAYS,
    ("own-epsilon.py", ()): ALWAYS - {"epsilon"},
    ("mild-pruning", ("eta",)): {"seeds", "along", "store"},
    ("over-pruning", ("eta",)): {"seeds", "along", "store"},
    ("lemmas", ("eta",)): {"seeds", "along", "store", "noise"},
    ("all", ("eta",)): {"seeds", "along", "store", "noise"},
    ("own.py", ("eta",)): {"seeds", "along", "store"},
    ("own-family.py", ("eta",)): {"seeds", "along", "store"},
}
CELLS = [
    pytest.param(theorem, along, name, id=f"{theorem} {'--along ' if along else ''}--{name}")
    for theorem, along in USED
    for name in SET
]


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """What is verified: an id, or the path of a module of that name."""
    folder = tmp_path_factory.mktemp("modules")
    for name, family in FAMILIES.items():
        (folder / name).write_text(f"{OWN}{family}\n")
    return lambda name: str(folder / name) if name.endswith(".py") else name


def work(plan):
    """Everything that a plan would run."""
    runs = [task.arguments for heap in planned_runs(plan, plan.families()) for task in heap]
    return runs, plan.chosen("noise") if plan.wants_lemmas() else ""


@pytest.mark.slow
@pytest.mark.parametrize(("theorem", "along", "name"), CELLS)
def test_option_is_used_or_refused_by_name(theorem, along, name, checked):
    given = {"along": along, name: SET[name]}
    if name not in USED[theorem, along]:
        with pytest.raises(ValueError, match=f"^{name} must be left out .*, got {name} = ") as told:
            Plan(checked(theorem), **given)
        assert "\n" not in str(told.value)
    else:
        plan = Plan(checked(theorem), **given)
        assert getattr(plan, name) == SET[name]
        if name != "store":
            assert work(plan) != work(Plan(checked(theorem), along=along))


def test_default_that_is_spelled_out_is_refused_too():
    with pytest.raises(ValueError, match=r"^p must be left out of verify over-pruning"):
        Plan("over-pruning", p=0.7)


@pytest.mark.parametrize(("theorem", "along"), USED)
def test_all_options_that_cannot_be_used_are_named_in_one_sentence(theorem, along, checked):
    given = {**SET, "along": along or SET["along"] * (theorem == "predictions")}
    refused = [name for name in SET if name not in USED[theorem, along] and given[name]]
    if not refused:
        Plan(checked(theorem), **given)
        return
    with pytest.raises(ValueError, match="must be left out") as told:
        Plan(checked(theorem), **given)
    names, _ = str(told.value).split(" must be left out ")
    assert sorted(names.replace(" and ", ", ").split(", ")) == sorted(refused)
    assert all(f"{name} = " in str(told.value) for name in refused)


# what a store keeps of a check


def test_stored_options_are_those_that_were_set():
    plan = Plan("mild-pruning", n=4, workers=2)
    assert json.loads(plan.options()) == {"theorem": "mild-pruning", "n": 4}
    assert work(plan_from(plan.options())) == work(plan)
    lone = Plan("over-pruning", seeds=3, along=("eta", "p"))
    assert plan_from(lone.options()) == lone


@pytest.mark.parametrize(("theorem", "along"), USED)
def test_check_that_0_1_0_stored_is_read(theorem, along, checked):
    # 0.1.0 wrote every option down, unset ones as their defaults
    spelled = {"theorem": checked(theorem), "d": None, "seeds": 20, "n": 10, "m": 6, "K": 2,
               "p": 0.7, "noise": "isotropic", "epsilon": 0.05, "engine": "auto",
               "along": along}  # fmt: skip
    module = checked(theorem) if is_module(theorem) else None
    if module is not None:
        spelled["sha256"] = find(module).sha256  # without it a module's check is refused
    assert work(plan_from(json.dumps(spelled), module)) == work(Plan(checked(theorem), along=along))


def test_what_0_1_0_ignored_is_ignored_in_its_stores():
    stored = plan_from(json.dumps({"theorem": "over-pruning", "n": 4, "p": 0.3, "along": []}))
    assert stored == Plan("over-pruning", n=4)
