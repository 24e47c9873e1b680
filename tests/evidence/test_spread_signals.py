"""The evidence on spread signals, in reduced form."""

import numpy as np
import pytest

from evidence import spread_signals as evidence
from sims import simulate
from theorycheck.predictions.escape_time import GROWN, signal_escapes


@pytest.mark.parametrize("support", [1, 4, 1000])
def test_signals_escape_when_their_kept_shares_say(support):
    problem = evidence.escape_problem(support, 0.25)
    (found,) = [some for _, some in signal_escapes([(problem, 0, "flow", GROWN, 1e-6)])]
    assert len(found) > 0
    np.testing.assert_allclose([one.ratio for one in found], 1, atol=1e-5)


def test_the_winner_is_not_always_the_largest_start():
    problem = evidence.escape_problem(4, 0.25)
    starts, winners = [], []
    for seed in range(20):
        draw = simulate(problem, seed, max_steps=0).draw
        kept = draw.signal_kept[0, :, 0]
        start = draw.initial_signal[0, :, 0]
        starts.append(int(np.argmax(start)))
        winners.append(int(np.argmax(kept * np.maximum(start, 0))))
    assert starts != winners


def test_without_overlaps_a_signal_on_all_coordinates_hardly_wins():
    seeds = evidence.balanced_seeds(6)
    problem = evidence.share_problem(1000, evidence.FULL, 0.25)
    bare = evidence.Cell(problem, overlaps=False).shares(seeds)
    assert bare.mean() < 0.05 + 3 * 0.05 / np.sqrt(6)
    assert evidence.Cell(problem).shares(seeds).mean() > bare.mean()
    one = evidence.Cell(evidence.share_problem(1000, 1, 0.25), overlaps=False).shares(seeds)
    assert one.mean() > 0.4
