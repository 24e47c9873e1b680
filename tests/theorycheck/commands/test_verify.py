"""`verify` end to end on tiny families, in one process and in two."""

import math

import pytest

import bounds
import theorycheck as tc
from sims import Problem
from theorycheck.commands.courses import family_tasks
from theorycheck.commands.verify import verify, verify_lemmas
from theorycheck.judging.family import Family
from theorycheck.judging.theorems import default_family, find
from theorycheck.running.tasks import seed_list

TINY = {
    "mild-pruning": tc.mild_family((300, 600, 1200), n=4, m=3, p=0.9),
    "over-pruning": tc.over_family((300, 600, 1200), n=4, m=3),
}


@pytest.fixture(scope="module")
def alone():
    return {theorem: verify(theorem, family, 3) for theorem, family in TINY.items()}


def tried(verdicts):
    """How many draws were made until three counted."""
    return verdicts[0].sizes[0].runs


@pytest.mark.slow
@pytest.mark.parametrize("theorem", list(TINY))
def test_verdicts_are_one_a_claim(theorem, alone):
    *claims, last = alone[theorem]
    assert [one.claim for one in claims] == list(bounds.THEOREMS[theorem].claims)
    assert last.claim == "probability"
    (total,) = {one.total for one in alone[theorem]}
    assert total == 3 * tried(alone[theorem]) >= 9
    assert {one.draws for one in claims} <= {3, *range(3, tried(alone[theorem]) + 1)}


@pytest.mark.parametrize("theorem", list(TINY))
def test_nothing_true_is_refuted(theorem, alone):
    outcomes = {one.claim: one.outcome for one in alone[theorem]}
    assert "refuted" not in outcomes.values()
    assert set(outcomes.values()) & {"holds", "undecided"}


@pytest.mark.slow
def test_two_processes_give_the_same_verdicts(everything, alone):
    # repr, since a missing slope is nan and nan differs from itself
    assert everything(verify("mild-pruning", TINY["mild-pruning"], 3, workers=2)) == everything(
        alone["mild-pruning"]
    )


def test_theorem_without_a_family_has_its_built_in_one():
    expected = {"mild-pruning": tc.mild_family(), "over-pruning": tc.over_family()}
    for theorem, family in expected.items():
        assert default_family(find(theorem)) == family


def test_seeds_may_be_named(everything, alone):
    seeds = range(tried(alone["mild-pruning"]))
    named = verify("mild-pruning", TINY["mild-pruning"], seeds)
    assert everything(named) == everything(alone["mild-pruning"])
    shuffled = verify("mild-pruning", TINY["mild-pruning"], [*seeds][::-1])
    assert [one.outcome for one in shuffled] == [one.outcome for one in named]


def test_named_seeds_are_all_that_is_run():
    named = verify("mild-pruning", TINY["mild-pruning"], [7, 3])
    assert {one.total for one in named} == {6}
    assert set(named[0].sizes[-1].seeds) <= {3, 7}


def test_other_seeds_are_other_runs(alone):
    other = verify("mild-pruning", TINY["mild-pruning"], [7, 8, 9])
    assert other[0].sizes[0].step != alone["mild-pruning"][0].sizes[0].step


def test_engines_agree_on_exact_runs():
    problem = Problem(d=60, n=4, m=3, K=2, p=0.9, mu=1.0, sigma_n=0.1, sigma_0=0.3, eta=0.5)
    family = Family("d", (problem,), "one size")
    by_engine = [
        verify("mild-pruning", family, 3, epsilon=0.3, engine=engine)
        for engine in ("weights", "gram")
    ]
    for weights, gram in zip(*(one[:-1] for one in by_engine), strict=True):
        assert weights.outcome == gram.outcome
        # the engines agree to 1e-9 a step (issue 2, point 3)
        assert weights.sizes[0].measured == pytest.approx(gram.sizes[0].measured, rel=1e-6)


def test_diverged_run_does_not_stop_the_others():
    # at this learning rate most runs leave all bounds within ten steps
    problems = tuple(
        Problem(d=d, n=6, m=3, K=3, p=0.6, mu=1.3, sigma_n=0.3, sigma_0=1.0, eta=1e5)
        for d in (40, 60, 80)
    )
    verdicts = verify("mild-pruning", Family("d", problems, ""), 3)
    outcomes = {one.claim: one.outcome for one in verdicts}
    assert "refuted" not in outcomes.values()
    assert "holds" not in outcomes.values()


ALONG_EPSILON = Family(
    "epsilon", (Problem.theorem_regime(300, 4, 3, 2, 0.9),), "", "down", epsilons=(0.05, 0.2, 0.4)
)


def test_path_along_epsilon_runs_to_each_of_its_own():
    tasks = family_tasks("mild-pruning", ALONG_EPSILON, (0, 1), 0.7)
    assert [task.arguments[2:4] for task in tasks] == [
        (seed, epsilon) for epsilon in (0.4, 0.2, 0.05) for seed in (0, 1)
    ]
    steps = [size.step for size in verify("mild-pruning", ALONG_EPSILON, [0, 1, 2])[0].sizes]
    assert steps == sorted(steps)
    assert steps[0] < steps[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"theorem": "x"},
            "theorem must be one of .* or the path of a module .py, got 'x'",
        ),
        ({"seeds": 0}, "seeds must be an integer of at least 1, got 0"),
        ({"seeds": -2}, "seeds must be an integer of at least 1, got -2"),
        ({"seeds": [-1]}, r"seeds must be different integers of at least 0, got \[-1\]"),
        (
            {"family": ALONG_EPSILON, "epsilon": 0.05},
            "epsilon must be left out of a check along epsilon that brings its own, got 0.05",
        ),
        ({"epsilon": 0.0}, "epsilon must be a finite number greater than 0, got 0.0"),
        ({"epsilon": math.nan}, "epsilon must be a finite number greater than 0, got nan"),
        ({"engine": "x"}, "engine must be one of"),
        ({"workers": 0}, "workers must be an integer of at least 1, got 0"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_argument_is_refused(arguments, message):
    given = {"theorem": "mild-pruning", "family": TINY["mild-pruning"], **arguments}
    with pytest.raises(ValueError, match=message):
        verify(**given)


@pytest.mark.parametrize("seeds", [[], [1.5], [0, 0]], ids=["none", "not whole", "repeated"])
def test_seeds_that_are_no_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match="seed"):
        seed_list(seeds)


@pytest.mark.slow
def test_lemmas_are_the_same_in_two_processes():
    alone = verify_lemmas(10)
    assert [check.lemma for check in alone] == [x for x in bounds.LEMMAS if x != "gradient-norm"]
    assert {check.draws for check in alone} == {10}
    assert verify_lemmas(10, workers=2) == alone


@pytest.mark.parametrize("draws", [0, -1])
def test_lemmas_need_a_draw(draws):
    with pytest.raises(ValueError, match="draws must be at least 1"):
        verify_lemmas(draws)
