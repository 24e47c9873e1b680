"""Runs are made until enough draws count, and never without end."""

import pytest

import bounds
from sims import Problem
from theorycheck.commands.courses import MOST_TIMES, Course, observe_courses
from theorycheck.judging.family import Family, mild_family
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.table import sort_runs

FAMILY = mild_family((1000, 10_000, 100_000), n=30, m=20, p=0.5)
COURSE = Course("mild-pruning", FAMILY, 0.05)


@pytest.fixture
def runner(made_up_run):
    """What runs courses without a simulation, given which seeds are in the event at which d.

    It keeps what it was asked for: each round, and in it the seeds of each course.
    """

    def make(inside):
        def run(heaps):
            run.rounds.append([sorted({task.arguments[2] for task in heap}) for heap in heaps])
            return [[observe(*task.arguments[:3]) for task in heap] for heap in heaps]

        def observe(theorem, problem, seed):
            run.made.append((theorem, problem, seed))
            return made_up_run(theorem, problem, seed, in_event=inside(problem, seed))

        run.rounds, run.made = [], []
        return run

    return make


def counted(found):
    return [len(sort_runs(*one).draws) for one in found]


def test_as_many_draws_are_made_as_are_asked_for_where_all_count(runner):
    run = runner(lambda problem, seed: True)
    found = observe_courses([COURSE], 5, run)
    assert run.rounds == [[[0, 1, 2, 3, 4]]]
    assert [family for family, _ in found] == [FAMILY]
    assert counted(found) == [5]


@pytest.mark.parametrize("every", [2, 3, 7])
def test_draws_are_made_until_enough_count(every, runner):
    run = runner(lambda problem, seed: seed % every == 0)
    found = observe_courses([COURSE], 6, run)
    assert counted(found)[0] >= 6
    seeds = sorted({one.seed for one in found[0][1]})
    assert seeds == list(range(len(seeds)))  # none is left out
    assert len(seeds) <= 2 * 6 * every
    assert len(run.made) == len(set(run.made)) == len(FAMILY.sizes) * len(seeds)
    assert [one for round_ in run.rounds for one in round_[0]] == seeds


@pytest.mark.parametrize(("size", "tries"), [(1000, 4), (10_000, 5), (100_000, 5)])
def test_a_draw_counts_that_is_in_the_event_at_every_size_of_the_tail(size, tries, runner):
    # the tail is the last two sizes
    run = runner(lambda problem, seed: (problem.d, seed) != (size, 0))
    found = observe_courses([COURSE], 4, run)
    assert counted(found) == [len({one.seed for one in found[0][1]}) - (tries - 4)]
    assert len(run.rounds) == 1 + tries - 4


@pytest.mark.parametrize("inside", [{}, {3}, {3, 11}])
def test_at_most_twenty_times_as_many_draws_are_made_and_the_reason_says_so(inside, runner):
    run = runner(lambda problem, seed: seed in inside)
    found = observe_courses([COURSE], 4, run)
    assert MOST_TIMES == 20
    assert counted(found) == [len(inside)]
    assert {one.seed for one in found[0][1]} == set(range(80))
    for verdict in judge_theorem(bounds.THEOREMS["mild-pruning"], *found[0])[:-1]:
        if inside:
            told = f"the event is rare: {len(inside)} of 80 draws lie in it at every size"
            assert verdict.outcome in ("undecided", "consistent", "holds")
        else:
            told = "none of 80 draws lies in the event at every size of the tail"
            assert verdict.outcome == "premise not met"
        assert told in verdict.reason


def test_event_that_most_draws_lie_in_is_not_called_rare(runner):
    found = observe_courses([COURSE], 4, runner(lambda problem, seed: seed % 2 == 0))
    for verdict in judge_theorem(bounds.THEOREMS["mild-pruning"], *found[0]):
        assert "rare" not in verdict.reason


def test_list_of_seeds_takes_exactly_those(runner):
    run = runner(lambda problem, seed: seed == 9)
    found = observe_courses([COURSE, COURSE], [9, 2, 7], run)
    assert run.rounds == [[[2, 7, 9], [2, 7, 9]]]
    assert counted(found) == [1, 1]


def test_only_the_courses_that_lack_draws_are_run_again(runner):
    other = Course("mild-pruning", mild_family((300, 600, 1200), n=30, m=20, p=0.5), 0.05)
    run = runner(lambda problem, seed: problem.d < 2000 or seed > 1)
    found = observe_courses([other, COURSE], 3, run)
    first, *further = run.rounds
    assert first == [[0, 1, 2], [0, 1, 2]]
    assert further
    assert all(seeds == [] for seeds, _ in further)
    assert counted(found)[1] >= 3


def test_rounds_need_no_course(runner):
    run = runner(lambda problem, seed: True)
    assert observe_courses([], 3, run) == []


def test_course_runs_every_problem_with_every_seed():
    problem = Problem.theorem_regime(300, 4, 3, 2, 0.9)
    along = Family("epsilon", (problem,), "", "down", epsilons=(0.05, 0.2))
    tasks = Course("over-pruning", along, 0.7, "gram").tasks([3, 1])
    assert [task.arguments for task in tasks] == [
        ("over-pruning", problem, seed, epsilon, "gram")
        for epsilon in (0.2, 0.05)
        for seed in (3, 1)
    ]
