"""Checks of theorems of other papers: their paths, what they refuse, and what they write."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import bounds
import theorycheck as tc
from sims import Problem
from theorycheck.commands import verify as verify_module
from theorycheck.commands.courses import course_along
from theorycheck.commands.falsify import further_paths
from theorycheck.commands.plan import Plan, plan_from
from theorycheck.commands.results import _of_this_model
from theorycheck.judging.family import Family
from theorycheck.judging.paths.default_paths import default_paths
from theorycheck.judging.theorems import find
from theorycheck.reporting.statements import theorem_record

SIBLINGS = pytest.mark.parametrize("id", bounds.SIBLING_THEOREMS)
REFUSED = {
    "d": (300,),
    "n": 4,
    "m": 3,
    "K": 2,
    "p": 1.0,
    "noise": "orthogonal",
    "epsilon": 0.2,
    "engine": "flow",
    "along": ("eta",),
    "p_grid": True,
}


# what is asked for


@SIBLINGS
@pytest.mark.parametrize("name", REFUSED)
def test_option_that_the_paths_leave_no_room_for_is_refused_by_name(id, name):
    expected = f"^{name} must be left out of verify {id}, which brings its own problems .*, got "
    with pytest.raises(ValueError, match=f"{expected}{name} = "):
        Plan(id, **{name: REFUSED[name]})


@SIBLINGS
def test_all_options_that_cannot_be_used_are_named_in_one_sentence(id):
    with pytest.raises(ValueError, match="must be left out of verify") as told:
        Plan(id, **REFUSED)
    (sentence,) = str(told.value).splitlines()
    named, _ = sentence.split(" must be left out")
    assert set(named.replace(" and ", ", ").split(", ")) == set(REFUSED)


@SIBLINGS
def test_other_options_are_used(id):
    given = {"seeds": 3, "quick": True, "constant": ("stopping-time=2",), "workers": 1}
    plan = Plan(id, store=Path("runs.db"), **given)
    assert plan.theorem_of(id).claims["stopping-time"].constant == 2
    assert plan.stated(id).claims["stopping-time"].constant == 2
    assert plan_from(plan.options()) == replace(plan, store=None, workers=None)


@SIBLINGS
def test_check_is_on_the_default_paths_and_a_quick_one_on_the_first(id):
    expected = [course_along(id, one) for one in default_paths(find(id).theorem)]
    assert Plan(id).families() == {id: expected}
    assert Plan(id, quick=True).families() == {id: [replace(expected[0], times=1)]}


@SIBLINGS
def test_check_of_a_sibling_is_of_nothing_else(id):
    plan = Plan(id)
    assert plan.theorems() == [id]
    assert not plan.wants_lemmas()
    assert not plan.wants_predictions()
    assert id not in Plan("all").theorems()


@SIBLINGS
def test_plan_states_the_paper_and_judges_in_the_letters_of_the_engine(id):
    plan = Plan(id)
    assert plan.stated(id) == bounds.SIBLING_THEOREMS[id]
    assert plan.theorem_of(id) == bounds.in_engine_letters(bounds.SIBLING_THEOREMS[id])
    assert plan.stated(id).output == "mean"
    assert plan.theorem_of(id).output == "sum"


def test_quick_check_with_named_seeds_leaves_out_no_draws():
    left_out = Plan("relu-harmful-overfitting", seeds=(0, 5), quick=True).left_out()
    assert left_out == ["every path but one along d", "the figures"]


# verify of one path


@pytest.fixture
def courses(monkeypatch):
    """Make no runs, and keep what was to be run."""
    asked = []

    def keep(courses, seeds, run):
        asked.extend(courses)
        return [(one.family, []) for one in courses]

    monkeypatch.setattr(verify_module, "observe_courses", keep)
    monkeypatch.setattr(verify_module, "judge_theorem", lambda *judged: [])
    return asked


@SIBLINGS
def test_verify_without_a_family_takes_the_first_default_path(id, courses):
    assert tc.verify(id) == []
    first = course_along(id, default_paths(find(id).theorem)[0])
    assert courses == [replace(first, times=1)]


def test_epsilon_and_engine_that_are_given_go_before_those_of_the_path(courses):
    tc.verify("harmful-overfitting", epsilon=0.001, engine="weights")
    (course,) = courses
    assert (course.epsilon, course.engine) == (0.001, "weights")


def test_epsilon_is_refused_where_the_path_brings_its_own(courses):
    with pytest.raises(ValueError, match=r"^epsilon must be left out of a check along n"):
        tc.verify("low-snr-descent", epsilon=0.001)
    assert not courses


# studies

AXIS = Problem(300, 4, 3, 2, 1.0, 1.0, 0.05, 0.02, 0.1, q=3.0, noise="orthogonal")
ANTIPODAL = replace(AXIS, signals="antipodal")
RELU = ["relu-benign-overfitting", "relu-harmful-overfitting"]


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        ([AXIS], list(bounds.THEOREMS)),
        ([ANTIPODAL], list(bounds.SIBLING_THEOREMS)),
        ([replace(ANTIPODAL, flip=0.1)], [*RELU, "low-snr-descent"]),
        ([ANTIPODAL, replace(ANTIPODAL, d=600, flip=0.1)], [*RELU, "low-snr-descent"]),
        ([AXIS, replace(ANTIPODAL, d=600)], []),
    ],
    ids=["axis", "antipodal", "flips", "some flips", "mixed"],
)
def test_study_is_held_to_the_theorems_of_its_model_alone(problems, expected):
    found = _of_this_model([(problem, 0.1) for problem in problems])
    assert sorted(one.id for one in found) == sorted(expected)


# end to end

CHECKED = "relu-harmful-overfitting"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A quick check with three draws, and what it wrote."""
    out = tmp_path_factory.mktemp("sibling")
    found = tc.check(CHECKED, seeds=(0, 1, 2), quick=True, workers=1, out=out)
    return found, json.loads((out / "verdicts.json").read_text(encoding="utf-8"))


def test_check_has_a_verdict_on_every_claim_and_refutes_none(checked):
    found, written = checked
    claims = [one["claim"] for one in written["verdicts"]]
    assert claims == [*bounds.SIBLING_THEOREMS[CHECKED].claims, "probability"]
    assert {one["theorem"] for one in written["verdicts"]} == {CHECKED}
    assert "refuted" not in {one["outcome"] for one in written["verdicts"]}
    assert [one["id"] for one in written["theorems"]] == [CHECKED]
    assert [path.name for path in found.files] == ["verdicts.json", "index.html"]


def formulas_of(record):
    premises = {one["id"]: one for one in record["premises"]}
    return {id: one["formula"] for id, one in (record["claims"] | premises).items()}


def test_check_writes_the_letters_of_the_paper(checked):
    _, written = checked
    (theorem,) = written["theorems"]
    assert theorem == json.loads(json.dumps(theorem_record(bounds.SIBLING_THEOREMS[CHECKED])))
    formulas = formulas_of(theorem)
    # m^(1/q) sigma_0 and m^(2/q) eta are the letters of the engine
    assert [id for id, one in formulas.items() if "<mi>q</mi>" in one] == ["power"]
    of_engine = formulas_of(theorem_record(find(CHECKED).theorem))
    assert "<mi>q</mi>" in of_engine["stopping-time"]


def test_bound_of_the_check_is_that_of_the_paper_at_its_own_eta(checked):
    _, written = checked
    (time,) = [one for one in written["verdicts"] if one["claim"] == "stopping-time"]
    for problem, epsilon, size in zip(
        time["problems"], time["epsilons"], time["sizes"], strict=True
    ):
        n, m, noise = problem["n"], problem["m"], problem["sigma_n"] ** 2 * problem["d"]
        of_mean = m**2 * problem["eta"]  # m^(2/q) at q = 1
        assert size["bound"] == pytest.approx(n * m / (of_mean * epsilon * noise), rel=1e-9)


def test_verify_of_a_small_family_judges_every_claim():
    at = [one for one, _ in default_paths(find(CHECKED).theorem)[1].family.points]
    problems = [replace(one, n=10, m=4) for one in at]
    family = Family("d", tuple(problems), "n, m fixed")
    verdicts = tc.verify(CHECKED, family, [0, 1], epsilon=0.2)
    claims = list(bounds.SIBLING_THEOREMS[CHECKED].claims)
    assert [one.claim for one in verdicts] == [*claims, "probability"]
    assert all(one.total == 2 * len(at) for one in verdicts)


def test_falsify_of_a_sibling_takes_its_default_paths_alone():
    assert further_paths(bounds.SIBLING_THEOREMS["low-snr-descent"], ()) == []
    with pytest.raises(ValueError, match=r"along must be left out of falsify low-snr-descent"):
        further_paths(bounds.SIBLING_THEOREMS["low-snr-descent"], ("n",))
