"""Samples that their neurons are lost to: on hand-made overlaps, and in real runs."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import Problem, event_of, noise_grams, simulate, simulate_many
from sims.captured import captured_samples
from sims.draw import Draw

PROBLEM = Problem(d=1000, n=3, m=1, K=2, p=0.5, mu=1.0, sigma_n=0.1, sigma_0=1e-4, eta=0.1)
OVER = Problem.theorem_regime(10**8, 10, 3, 2, bounds.over_pruning_p(10**8, 3, 2))


def draw_of(starts, labels=(0, 0, 0), **changes):
    """A draw of one neuron a class, whose products with the noises start as told."""
    products = np.tile(np.array(starts, float), (2, 1, 1))
    problem = replace(PROBLEM, **changes)
    nothing = np.zeros((2, 1, 2))
    return Draw(problem, 0, np.array(labels), nothing > 0, np.zeros((3, 2)), nothing, products,
                np.ones((2, 1, 3)))  # fmt: skip


def grams(overlaps):
    """Noises of norm 1 with the overlaps 01, 02 and 12, the same in every neuron."""
    a, b, c = overlaps
    return np.tile(np.array([[1, a, b], [a, 1, c], [b, c, 1]], float), (2, 1, 1, 1))


def test_positive_starts_are_captured_where_noises_do_not_overlap():
    found = captured_samples(draw_of([1e-4, 2e-4, -1e-4]), grams([0, 0, 0]))
    assert found.tolist() == [True, True, False]


def test_memorized_sample_takes_its_neuron_from_those_it_overlaps_negatively():
    found = captured_samples(draw_of([1e-4, 2e-4, 1e-4]), grams([-0.01, 0, 0.01]))
    assert found.tolist() == [False, True, True]


def test_memorized_sample_lends_its_neuron_to_those_it_overlaps_positively():
    found = captured_samples(draw_of([-1e-4, 2e-4, -1e-4]), grams([0.01, 0, -0.01]))
    assert found.tolist() == [True, True, False]


def test_overlap_smaller_than_the_start_changes_nothing():
    found = captured_samples(draw_of([1e-4, 2e-4, -1e-4]), grams([-1e-6, 1e-6, 1e-6]))
    assert found.tolist() == [True, True, False]


def test_first_to_escape_decides_and_not_the_larger_start():
    gram = grams([-0.01, 0, 0])
    gram[:, :, 0, 0] = 9.0  # three times as long: it grows faster from half the start
    assert captured_samples(draw_of([1e-4, 2e-4, -1]), gram).tolist() == [True, False, False]


def test_shift_is_the_overlap_over_the_norm_of_the_memorized_sample():
    gram = grams([0.04, 0, 0])
    assert captured_samples(draw_of([-0.05, 0.1, -1]), gram).tolist() == [True, True, False]
    gram[:, :, 1, 1] = 100.0
    assert captured_samples(draw_of([-0.05, 0.1, -1]), gram).tolist() == [False, True, False]


def test_samples_of_another_class_do_not_disturb():
    found = captured_samples(draw_of([1e-4, 2e-4, 1e-4], (0, 1, 0)), grams([-0.01, 0, 0]))
    assert found.tolist() == [True, True, True]


def test_emptied_neuron_captures_nothing():
    found = captured_samples(draw_of([0, 0, 0]), np.zeros((2, 1, 3, 3)))
    assert not found.any()


def test_race_that_starts_do_not_decide_is_refused():
    with pytest.raises(ValueError, match="q must be > 2 for the event 'captured', got 2"):
        captured_samples(draw_of([1, 1, 1], q=2.0), grams([0, 0, 0]))


def test_real_runs_capture_what_their_draw_says():
    runs = simulate_many([OVER] * 24, range(24), 0.03, engine="gram-law")
    inside = [run for run in runs if run.event.no_own_signal]
    said = np.array([run.event.captured for run in inside])
    seen = np.array(
        [run.final.rho[run.labels, :, np.arange(10)].max(axis=1) > 0.05 for run in inside]
    )
    assert np.mean(said == seen) > 0.99
    assert not seen.all()
    able = np.array([run.event.memorizable for run in inside])
    assert (able & ~seen).any()  # not sufficient
    assert (seen & ~able).any()  # and, where overlaps outweigh starts, not necessary


@pytest.mark.parametrize("engine", ["weights", "gram", "flow", "gram-law"])
def test_draw_is_made_again_to_the_bit(engine):
    problem = Problem(d=300, n=5, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.1, sigma_0=0.1, eta=0.1)
    draw = simulate(problem, 4, engine, max_steps=0).draw
    overlaps = noise_grams(draw, engine)
    norms = np.einsum("jrii->jri", overlaps)
    if engine == "weights":  # sums the norms by themselves
        np.testing.assert_allclose(norms, draw.noise_norm2, rtol=1e-12)
    else:
        np.testing.assert_array_equal(norms, draw.noise_norm2)


def test_draw_is_made_again_only_when_it_is_asked_for(monkeypatch):
    import sims.event

    event = event_of(simulate(OVER, 0, "gram-law", max_steps=0).draw, "gram-law")
    asked = []
    again = sims.event.grams_from_law
    monkeypatch.setattr(
        sims.event, "grams_from_law", lambda *told: asked.append(told) or again(*told)
    )
    assert event.memorizable.shape == (10,)
    assert asked == []
    assert event.captured is event.captured
    assert asked == [(OVER, 0)]
