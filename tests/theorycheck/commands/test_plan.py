"""What `theorycheck verify` is asked for: validated before any work starts."""

import json
import math
import shlex
from pathlib import Path

import pytest

import bounds
from sims import Problem
from theorycheck.cli.verify import verify
from theorycheck.commands import plan as module
from theorycheck.commands.check import plan_of
from theorycheck.commands.parts import boundary_seeds
from theorycheck.commands.plan import QUICK_SEEDS, Plan, plan_from
from theorycheck.defaults import SEEDS
from theorycheck.judging.paths.exponent_paths import chosen_paths
from theorycheck.judging.theorems import find, is_module
from theorycheck.running.tasks import seed_list


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
        ({"constant": ("x=2",)}, "constant must name one of no-cross-signal, .*, got 'x'"),
        ({"constant": ("train-loss=2",)}, "constant must name one of .*, got 'train-loss'"),
        (
            {"theorem": "over-pruning", "constant": ("no-noise=2",)},
            "constant must name one of noise-memorized, .*, got 'no-noise'",
        ),
        (
            {"theorem": "lemmas", "constant": ("no-noise=2",)},
            "constant must be left out of verify lemmas, which holds no claim to a constant",
        ),
        ({"constant": ("no-noise",)}, "constant must be CLAIM=C with a finite C .* got 'no-noise'"),
        ({"constant": ("no-noise=0",)}, "constant must be CLAIM=C .*, got 'no-noise=0'"),
        ({"constant": ("no-noise=inf",)}, "constant must be CLAIM=C .*, got 'no-noise=inf'"),
        ({"constant": ("=2",)}, "constant must be CLAIM=C .*, got '=2'"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_bad_plan_is_refused_before_any_work(options, message):
    with pytest.raises(ValueError, match=message):
        Plan(**options)


def test_bad_size_of_over_pruning_is_named():
    with pytest.raises(ValueError, match="d must be"):
        Plan("over-pruning", d=(1,))


@pytest.fixture
def no_default_paths(monkeypatch):
    """Let the default check be on the path along d alone."""
    monkeypatch.setattr(module, "default_paths", lambda theorem: [])


@pytest.fixture
def two_default_paths(monkeypatch):
    """Let the default check be on two paths, whatever those that are shipped are."""

    def paths(theorem):
        return chosen_paths(theorem, ("eta", "sigma_0"))

    monkeypatch.setattr(module, "default_paths", paths)
    return paths


def test_built_in_families_reach_where_the_claims_begin(no_default_paths):
    families = Plan().families()
    assert list(families) == ["mild-pruning", "over-pruning"]
    for [course] in families.values():
        problems = course.family.problems
        assert [problem.d for problem in problems] == [10**4, 10**6, 10**8, 10**10, 10**12]
        assert {(one.n, one.m, one.K) for one in problems} == {(10, 6, 2)}
        assert (course.engine, course.epsilon) == ("gram-law", 0.05)
    assert {one.p for one in families["mild-pruning"][0].family.problems} == {0.7}
    assert Plan().chosen("seeds") == SEEDS


def test_default_check_is_on_the_default_paths(two_default_paths):
    for theorem, courses in Plan().families().items():
        expected = two_default_paths(find(theorem).theorem)
        assert [one.family for one in courses] == [one.family for one in expected]
        assert [one.epsilon for one in courses] == [one.epsilon for one in expected]
        assert [one.engine for one in courses] == [one.engine for one in expected]
        assert {one.theorem for one in courses} == {theorem}


@pytest.mark.parametrize("options", [{"n": 5}, {"epsilon": 0.2}, {"d": (300, 600)}])
def test_option_of_the_shape_asks_for_the_path_along_d(options, two_default_paths):
    ((course,),) = Plan("over-pruning", **options).families().values()
    assert course.family.along == "d"


def test_options_shape_the_family():
    plan = Plan("mild-pruning", d=(300,), n=4, m=3, K=3, p=0.5, noise="orthogonal", epsilon=0.2)
    ((course,),) = plan.families().values()
    assert course.family.problems == (
        Problem.theorem_regime(300, 4, 3, 3, 0.5, noise="orthogonal"),
    )
    assert (course.engine, course.epsilon) == ("auto", 0.2)


def test_lemmas_bring_the_path_that_their_one_order_claim_is_judged_on():
    alone, whole = (Plan(theorem).families()["mild-pruning"] for theorem in ("lemmas", "all"))
    assert len(whole) > 1
    assert alone == whole[:1]


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
CLAIMS = {name: Claim(name, "", "", 1, BIG_O, SOURCE) for name in ("test-loss", "stopping-time")}
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, CLAIMS, "learnable")
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
    "constant": ("test-loss=2", "stopping-time=3"),
    "quick": True,
    "p_grid": True,
    "store": Path("runs.db"),
}
SHAPE = {"d", "n", "m", "K", "noise"}
ALWAYS = {"seeds", "epsilon", "engine", "along", "constant", "quick", "p_grid", "store"}
LONE = {"seeds", "along", "constant", "p_grid", "store"}  # what --along leaves
FAMILIES = {
    "own.py": "",
    "own-family.py": "FAMILY = Family('d', (Problem.theorem_regime(77, 4, 3, 2, 1.0),), '')",
    "own-epsilon.py": "FAMILY = Family('epsilon', (Problem.theorem_regime(77, 4, 3, 2, 1.0),), '', "
    "'down', epsilons=(0.5, 0.1))",
}
USED = {
    ("mild-pruning", ()): SHAPE | {"p"} | ALWAYS,
    ("over-pruning", ()): SHAPE | ALWAYS,
    ("lemmas", ()): SHAPE | {"p"} | ALWAYS - {"constant", "quick"},
    ("predictions", ()): set(),
    ("threshold-benign", ()): {"seeds", "quick", "store"},
    ("all", ()): SHAPE | {"p"} | ALWAYS,
    ("own.py", ()): SHAPE | {"p"} | ALWAYS,
    ("own-family.py", ()): ALWAYS,
    ("own-epsilon.py", ()): ALWAYS - {"epsilon"},
    ("mild-pruning", ("eta",)): LONE,
    ("over-pruning", ("eta",)): LONE,
    ("lemmas", ("eta",)): LONE - {"constant"} | {"noise"},
    ("all", ("eta",)): LONE | {"noise"},
    ("own.py", ("eta",)): LONE,
    ("own-family.py", ("eta",)): LONE,
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
    """Everything that a plan would run, and the constants that it would hold claims to."""
    seeds = seed_list(plan.chosen("seeds"))
    courses = [one for several in plan.families().values() for one in several]
    runs = [task.arguments for one in courses for task in one.tasks(seeds)]
    constants = [
        {id: claim.constant for id, claim in plan.theorem_of(name).claims.items()}
        for name in plan.theorems()
    ]
    noise = plan.chosen("noise") if plan.wants_lemmas() else ""
    crossed = boundary_seeds(plan) if any(map(boundaries_of, plan.theorems())) else []
    return runs, constants, noise, crossed, plan.grid() if plan.p_grid else []


def boundaries_of(name):
    return find(name).theorem.boundaries


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
    given["quick"] = not along  # a path of one's own is as quick as it is
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
    declared = Plan("mild-pruning", constant=("no-noise=3",), quick=True, p_grid=True)
    assert plan_from(declared.options()) == declared


@pytest.mark.parametrize(("theorem", "along"), USED)
def test_check_that_0_1_0_stored_is_read(theorem, along, checked):
    # 0.1.0 wrote every option down, unset ones as their defaults
    spelled = {"theorem": checked(theorem), "d": None, "seeds": 20, "n": 10, "m": 6, "K": 2,
               "p": 0.7, "noise": "isotropic", "epsilon": 0.05, "engine": "auto",
               "along": along}  # fmt: skip
    module = checked(theorem) if is_module(theorem) else None
    if module is not None:
        spelled["sha256"] = find(module).sha256  # without it a module's check is refused
    usable = USED[theorem, along]
    meant = {name: spelled[name] for name in usable if spelled.get(name) is not None}
    if "seeds" in meant:  # it ran exactly those
        meant["seeds"] = tuple(range(20))
    expected = Plan(checked(theorem), **{**meant, "along": along})
    assert work(plan_from(json.dumps(spelled), module)) == work(expected)


def test_what_0_1_0_ignored_is_ignored_in_its_stores():
    stored = plan_from(json.dumps({"theorem": "over-pruning", "n": 4, "p": 0.3, "along": []}))
    assert stored == Plan("over-pruning", n=4)


# declared constants, a quick check, the command


def test_declared_constant_is_that_of_its_claim_in_every_theorem_that_has_it():
    plan = Plan(constant=("test-loss=3", "no-noise=0.5"))
    for name in bounds.THEOREMS:
        claims = plan.theorem_of(name).claims
        declared = {id: one.constant for id, one in claims.items()}
        assert declared == {
            id: {"test-loss": 3.0, "no-noise": 0.5}.get(id, one.constant)
            for id, one in bounds.THEOREMS[name].claims.items()
        }
    assert {one.constant for one in bounds.THEOREMS["mild-pruning"].claims.values()} == {1.0}


def test_constant_of_a_module_is_taken_where_none_is_declared(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN.replace("BIG_O, SOURCE)", "BIG_O, SOURCE, constant=7)"))
    claims = Plan(str(path), constant=("test-loss=2",)).theorem_of(str(path)).claims
    assert {id: one.constant for id, one in claims.items()} == {
        "test-loss": 2.0,
        "stopping-time": 7.0,
    }


def test_quick_check_is_one_path_and_fewer_draws_and_says_what_it_leaves_out(two_default_paths):
    plan = Plan(quick=True)
    assert {name: len(several) for name, several in plan.families().items()} == {
        "mild-pruning": 1,
        "over-pruning": 1,
    }
    assert not plan.wants_lemmas()
    assert not plan.wants_predictions()
    assert plan.chosen("seeds") == QUICK_SEEDS < Plan().chosen("seeds")
    assert plan.left_out() == [
        "the lemmas",
        "the sharp predictions",
        "every path but one along d",
        f"{SEEDS - QUICK_SEEDS} of {SEEDS} draws on a path",
        "the figures",
    ]


def test_quick_check_leaves_out_nothing_that_was_not_asked_for(two_default_paths):
    assert Plan().left_out() == []
    assert Plan("over-pruning", quick=True, n=5, seeds=SEEDS).left_out() == ["the figures"]
    alone = Plan("over-pruning", quick=True, seeds=SEEDS)
    assert alone.left_out() == ["every path but one along d", "the figures"]


@pytest.mark.parametrize(
    "plan",
    [
        Plan(),
        Plan("mild-pruning", d=(300, 600), n=4, constant=("no-noise=3", "test-loss=2")),
        Plan("over-pruning", quick=True, p_grid=True, no_figures=True, workers=1),
        Plan("all", along=("eta", "p"), seeds=3),
    ],
)
def test_command_asks_for_the_same(plan):
    program, name, theorem, *words = shlex.split(plan.command)
    assert (program, name, theorem) == ("theorycheck", "verify", plan.theorem)
    asked = verify.make_context("verify", [theorem, *words]).params
    for of_printing in ("form", "verbose", "opens"):
        del asked[of_printing]
    assert plan_of(asked.pop("theorem"), asked) == plan
