"""Left sides of theorems on means against a descent on the mean, and events against outcomes."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import (
    Problem,
    averaged_output,
    coefficient_factor,
    draw_dataset,
    draw_network,
    simulate,
    simulate_many,
)
from theorycheck.judging.quantities import EVENTS, LEFT_SIDES
from theorycheck.judging.siblings.quantities import (
    AVERAGED_SIDES,
    SIBLING_EVENTS,
    race_indices,
    signal_lead,
)

MODEL = {"K": 2, "p": 1.0, "signals": "antipodal", "noise": "orthogonal"}
# in the letters of the mean; every kind of coefficient moves in 60 steps
MEAN = Problem(d=200, n=7, m=4, mu=1.2, sigma_n=0.09, sigma_0=0.4, eta=0.3, q=3.0, **MODEL)
STEPS, SEED = 60, 3


@pytest.fixture(scope="module")
def run():
    """The engine's run of the averaged network."""
    run = simulate(averaged_output(MEAN), SEED, "gram", 0.0, max_steps=STEPS)
    assert set(run.labels.tolist()) == {0, 1}
    return run


@pytest.fixture(scope="module")
def descended():
    """Leads ``(2, m)`` and rho ``(2, m, n)`` by plain descent on F_j = (1/m) sum_r.

    Read off the weights: a lead is what they gained on the own signal, and the rho of a neuron are
    the weights of the noises in what it gained elsewhere.
    """
    data, (start, _) = draw_dataset(MEAN, SEED), draw_network(MEAN, SEED)
    sign = np.array([1.0, -1.0])
    signals = np.zeros((MEAN.n, MEAN.d))
    signals[:, 0] = MEAN.mu * sign[data.classes]
    hot = np.eye(2)[data.labels].T
    W = start.copy()
    for _ in range(STEPS):
        patches = [(x, W @ x.T) for x in (signals, data.noise)]  # (2, m, n) each
        F = sum((np.maximum(z, 0) ** 3).sum(axis=1) for _, z in patches) / MEAN.m
        pull = (hot - np.exp(F) / np.exp(F).sum(axis=0)) / (MEAN.m * MEAN.n)
        W = W + MEAN.eta * sum((pull[:, None] * 3 * np.maximum(z, 0) ** 2) @ x for x, z in patches)
    gained = W - start
    lead = MEAN.mu * gained[:, :, 0] * sign[:, None]
    noise = data.noise[:, 1:]
    weights, *_ = np.linalg.lstsq(noise.T, gained[:, :, 1:].reshape(-1, MEAN.d - 1).T, rcond=None)
    rho = weights.T.reshape(2, MEAN.m, MEAN.n) * (noise**2).sum(axis=1)
    return lead, rho, data.labels


def literal_sides(lead, rho, labels):
    """The left sides as the theorems on a mean spell them out, neuron by neuron."""
    neurons, samples = range(MEAN.m), range(MEAN.n)
    leads = [[lead[j, r] for r in neurons] for j in (0, 1)]
    own = [[rho[labels[i], r, i] for r in neurons] for i in samples]
    every = [abs(rho[j, r, i]) for j in (0, 1) for r in neurons for i in samples]
    return {
        "least-gamma-averaged": min(map(max, leads)),
        "max-gamma-averaged": max(map(max, leads)),
        "max-rho-averaged": max(every),
        "least-zeta-averaged": min(map(max, own)),
        "least-gamma-averaged:min": min(map(min, leads)),
        "max-gamma-averaged:min": min(map(min, leads)),
        "max-rho-averaged:min": min(every),
        "least-zeta-averaged:min": min(map(min, own)),
    }


@pytest.mark.parametrize("name", AVERAGED_SIDES)
def test_left_side_is_that_of_a_plain_descent_on_the_mean(name, run, descended):
    expected = literal_sides(*descended)
    assert set(expected) == set(AVERAGED_SIDES)
    assert LEFT_SIDES[name](run, None) == pytest.approx(expected[name], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", AVERAGED_SIDES)
def test_left_side_is_m_to_the_one_over_q_times_the_engines(name, run):
    gamma = run.final.gamma
    lead = [[gamma[j, r, j] - gamma[j, r, 1 - j] for r in range(MEAN.m)] for j in (0, 1)]
    expected = literal_sides(np.array(lead), run.final.rho, run.labels)[name]
    assert LEFT_SIDES[name](run, None) == pytest.approx(4 ** (1 / 3) * expected, rel=1e-14)


def test_numbers_of_the_run_tell_the_left_sides_apart(run):
    sides = {name: LEFT_SIDES[name](run, None) for name in AVERAGED_SIDES if ":" not in name}
    assert len(set(sides.values())) == len(sides)
    assert LEFT_SIDES["least-gamma-averaged:min"](run, None) not in (0.0, *sides.values())
    assert sides["max-gamma-averaged"] > 0.1
    assert sides["max-rho-averaged"] > 0.1
    assert run.final.gamma[[0, 1], :, [1, 0]].any()  # samples of the other class pull too


def test_every_left_side_and_event_that_a_sibling_asks_for_is_there():
    theorems = bounds.SIBLING_THEOREMS.values()
    assert {one.inside for one in theorems} == set(SIBLING_EVENTS)
    assert set(SIBLING_EVENTS) <= set(EVENTS)
    asked = {claim.measure for one in theorems for claim in one.claims.values()}
    assert {name for name in AVERAGED_SIDES if ":" not in name} <= asked
    assert asked <= set(LEFT_SIDES)


# events

RACE = Problem(
    d=10**10, n=5, m=5, mu=1.0, sigma_n=1e-5 / 0.45, sigma_0=1e-6, eta=0.05, q=3.0, **MODEL
)
RACES = [RACE, replace(RACE, sigma_n=1e-5 / 0.9)]  # n SNR^q = 0.5 and 3.6: both outcomes come


@pytest.fixture(scope="module")
def races():
    problems = [one for one in RACES for _ in range(12)]
    return simulate_many(problems, [*range(12)] * 2, 0.1, engine="gram-law")


def learned(run):
    """Tell which classes end with a signal, which makes logits of order 1."""
    return (coefficient_factor(run.problem) * signal_lead(run).max(axis=1) > 0.5).tolist()


def in_event(name, run):
    return SIBLING_EVENTS[name](run.event)


def loops(draw, j, snr):
    """Theory, section 12: SNR^q M_s^(q-2) sum_i M_i^(2-q) of class j at q = 3, or None."""
    norm = RACE.mu / snr
    best = max(draw.initial_signal[j, r, j] for r in range(RACE.m)) / RACE.sigma_0
    noise = [
        max(draw.initial_noise[j, r, i] for r in range(RACE.m)) / (RACE.sigma_0 * norm)
        for i in range(RACE.n)
        if draw.classes[i] == j
    ]
    if best <= 0 or min(noise, default=1) <= 0:  # somebody is not in the race
        return None
    return snr**3 * best * sum(1 / one for one in noise)


def test_race_index_is_that_of_the_loops(races):
    found = [
        (race_indices(run.event)[j], loops(run.draw, j, 0.45)) for run in races[:12] for j in (0, 1)
    ]
    raced = [(index, expected) for index, expected in found if expected is not None]
    assert len(raced) > 12
    indices, expected = zip(*raced, strict=True)
    assert indices == pytest.approx(expected, rel=1e-12)


def test_race_of_the_draw_tells_which_classes_learn_in_nearly_all_draws(races):
    told = [
        (index > 1, won)
        for run in races
        if (run.event.class_counts > 0).all() and run.event.memorizable.all()
        for index, won in zip(race_indices(run.event), learned(run), strict=True)
    ]
    assert len(told) > 20
    assert {won for _, won in told} == {False, True}
    assert sum(index == won for index, won in told) >= 0.9 * len(told)


@pytest.mark.parametrize(("name", "outcome"), [("signal-wins", True), ("noise-wins", False)])
def test_race_events_hold_draws_of_their_outcome(name, outcome, races):
    inside = [run for run in races if in_event(name, run)]
    assert len(inside) >= 4
    right = [learned(run) == [outcome, outcome] for run in inside]
    assert sum(right) >= 0.8 * len(right)


def test_draw_whose_classes_end_differently_lies_in_neither_race_event(races):
    mixed = [one for one in races if (max(told := race_indices(one.event)) > 1) > (min(told) > 1)]
    assert len(mixed) >= 4
    assert not any(in_event(name, run) for run in mixed for name in ("signal-wins", "noise-wins"))


def first(problem, wanted):
    """Return the event of the first draw that is wanted."""
    for seed in range(400):
        event = simulate(problem, seed, "gram", 0.0, max_steps=0).event
        if wanted(event):
            return event
    raise AssertionError("no such draw")


# thirty neurons: every sample has one that answers, and a class without samples is what is left
LOUD = replace(MEAN, n=2, m=30)
STRONG, WEAK = replace(LOUD, mu=50.0), replace(LOUD, mu=0.01)


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("problem", [STRONG, WEAK], ids=["strong", "weak"])
def test_draw_without_samples_of_a_class_is_outside_every_event(problem, missing):
    event = first(problem, lambda event: event.class_counts[missing] == 0)
    assert event.memorizable.all()
    assert [name for name, inside in SIBLING_EVENTS.items() if inside(event)] == []


def test_draw_without_a_label_is_outside_where_labels_are_asked_for():
    flipped = replace(WEAK, flip=0.4)

    def unlabelled(event):
        return len(set(event.draw.labels)) == 1 and (event.class_counts > 0).all()

    event = first(flipped, unlabelled)
    assert event.memorizable.all()
    for name in ("classes-full", "fittable", "noise-wins"):
        assert not SIBLING_EVENTS[name](event), name


def test_label_that_no_class_has_fills_its_place():
    event = first(
        replace(WEAK, flip=0.4),
        lambda event: len(set(event.draw.labels)) == 2 and not event.class_counts.all(),
    )
    assert SIBLING_EVENTS["classes-full"](event)
    assert SIBLING_EVENTS["fittable"](event)


def test_sample_that_no_neuron_of_its_label_answers_leaves_fittable_and_noise_wins():
    narrow = replace(WEAK, m=1)

    def unanswered(event):  # though no signal is in the race
        full = event.class_counts.all() and max(race_indices(event)) < 1
        return full and not event.memorizable.all()

    event = first(narrow, unanswered)
    assert SIBLING_EVENTS["classes-full"](event)
    assert not SIBLING_EVENTS["fittable"](event)
    assert not SIBLING_EVENTS["noise-wins"](event)
    filled = first(narrow, lambda event: event.class_counts.all() and event.memorizable.all())
    assert SIBLING_EVENTS["fittable"](filled)


@pytest.mark.parametrize("q", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(("problem", "name"), [(STRONG, "signal-wins"), (WEAK, "noise-wins")])
def test_power_of_at_most_two_lies_in_no_race_event(problem, name, q):
    event = first(problem, lambda event: event.class_counts.all())
    assert SIBLING_EVENTS[name](event)  # as it does at q = 3
    without = first(replace(problem, q=q), lambda event: event.class_counts.all())
    assert not any(SIBLING_EVENTS[race](without) for race in ("signal-wins", "noise-wins"))
    assert SIBLING_EVENTS["fittable"](without)
