import threading
from dataclasses import replace

import numpy as np
import pytest

import sims.draw
from sims import Draw, Problem, draw_dataset, draw_network, event_of, simulate
from sims.draw import (
    BLOCK,
    blocks,
    draw_labels,
    draw_samples,
    draw_signal_mask,
)
from sims.draw_sums import DrawSums
from sims.streams import stream

WIDE = Problem(
    d=2 * BLOCK + 300, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.2, sigma_0=0.3, eta=0.1
)  # three blocks


# made by version 0.1.0
LABELS_OF_SEED_7 = [0, 2, 0, 0, 2, 1, 1, 2, 2, 2, 2, 0]
FIRST_OF_SEED_7 = [1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0]
POSITIVE_OF_SEED_7 = [15, 19, 22, 18, 18, 13, 19, 21, 17, 18, 14, 19]
WEIGHTS_OF_SEED_7 = [20, 14, 24, 26, 22, 22]
KEPT_OF_SEED_7 = [24, 19, 22, 22, 18, 16]


def joined(problem, seed, memory=0.0):
    drawn = list(blocks(problem, seed, memory))
    assert [block.start for block in drawn[1:]] == [block.stop for block in drawn[:-1]]
    assert (drawn[0].start, drawn[-1].stop) == (0, problem.d)
    return (
        np.concatenate([block.noise for block in drawn], axis=1),
        np.concatenate([block.weights for block in drawn], axis=2),
        np.concatenate([block.mask for block in drawn], axis=2),
    )


def total(problem, seed, memory=0.0):
    sums = DrawSums(problem, seed)
    for block in blocks(problem, seed, memory):
        sums.add(block)
    return sums.total()


def assert_same_arrays(left, right):
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_stream_is_the_same_every_time():
    assert stream(3, "noise").random() == stream(3, "noise").random()


def test_streams_of_a_seed_and_of_seeds_differ():
    names = ("labels", "noise", "weights", "masks", "test")
    firsts = {stream(seed, name).random() for seed in range(4) for name in names}
    assert len(firsts) == 20


@pytest.mark.parametrize("memory", [1e-6, 0.3, 100.0])
def test_drawing_ahead_changes_no_bit(memory):
    assert_same_arrays(joined(WIDE, 5), joined(WIDE, 5, memory))


def test_blocks_left_half_way_leave_no_thread():
    before = threading.active_count()
    drawn = blocks(WIDE, 0, 100.0)
    next(drawn)
    drawn.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9, 1.0])
def test_changing_p_changes_masks_and_nothing_else(p):
    noise, weights, _ = joined(WIDE, 7)
    other_noise, other_weights, _ = joined(replace(WIDE, p=p), 7)
    assert_same_arrays((noise, weights), (other_noise, other_weights))
    assert_same_arrays([draw_labels(WIDE, 7)], [draw_labels(replace(WIDE, p=p), 7)])


def test_kept_weights_are_nested_as_p_falls():
    wider = joined(replace(WIDE, p=1.0), 2)[2]
    assert np.all(wider)
    for p in (0.9, 0.5, 0.3, 0.02, 1e-6):
        kept = joined(replace(WIDE, p=p), 2)[2]
        assert np.all(wider[kept])
        wider = kept


@pytest.mark.parametrize("p", [0.02, 0.5, 1.0])
def test_masks_at_the_signals_alone_are_those_of_the_draw(p):
    many = Problem(BLOCK + 9, 1, 1, BLOCK + 3, p, 1.0, 0.2, 0.3, 0.1)
    for problem in (replace(WIDE, p=p), replace(WIDE, p=p, d=40, K=3), many):
        mask = draw_network(problem, 4)[1][:, :, : problem.K]
        np.testing.assert_array_equal(draw_signal_mask(problem, 4), mask)


@pytest.mark.parametrize("p", [0.02, 0.5, 0.9])
def test_the_share_of_kept_weights_is_p(p):
    mask = joined(replace(WIDE, p=p), 11)[2]
    assert abs(mask.mean() - p) < 5 * np.sqrt(p * (1 - p) / mask.size)


def test_noise_and_weights_have_their_standard_deviations():
    noise, weights, _ = joined(WIDE, 3)
    for values, sigma in ((noise, WIDE.sigma_n), (weights, WIDE.sigma_0)):
        assert abs(np.mean(values)) < 5 * sigma / np.sqrt(values.size)
        assert abs(np.std(values) / sigma - 1) < 5 / np.sqrt(2 * values.size)


def test_labels_are_uniform_on_the_classes():
    labels = draw_labels(replace(WIDE, n=30000, K=3), 1)
    counts = np.bincount(labels, minlength=3)
    assert len(counts) == 3
    assert np.all(np.abs(counts - 10000) < 5 * np.sqrt(30000 * 2 / 9))


def test_wrong_labels_change_labels_and_nothing_else():
    plain, flipped = (draw_samples(replace(WIDE, n=50, flip=flip), 3) for flip in (0.0, 0.3))
    np.testing.assert_array_equal(plain.classes, plain.labels)
    np.testing.assert_array_equal(plain.classes, flipped.classes)
    np.testing.assert_array_equal(plain.signal_first, flipped.signal_first)
    assert_same_arrays(joined(WIDE, 3), joined(replace(WIDE, flip=0.3), 3))
    assert np.any(flipped.labels != flipped.classes)


def test_wrong_labels_are_nested_as_flip_rises():
    wrong = np.zeros(400, bool)
    for flip in (0.0, 0.05, 0.2, 0.45):
        classes, labels, _ = draw_samples(replace(WIDE, n=400, K=4, flip=flip), 5)
        assert np.all((labels != classes)[wrong])
        wrong = labels != classes
    assert np.any(wrong)


@pytest.mark.parametrize("K", [2, 3])
def test_wrong_labels_are_as_many_as_flip_says_and_uniform_on_the_others(K):
    classes, labels, first = draw_samples(replace(WIDE, n=30000, K=K, flip=0.2), 1)
    assert abs(np.mean(labels != classes) - 0.2) < 5 * np.sqrt(0.16 / 30000)
    for away in range(1, K):
        share = np.mean((labels - classes) % K == away)
        assert abs(share - 0.2 / (K - 1)) < 5 * np.sqrt(0.16 / 30000)
    # independent of the coins that come before it in the stream
    for given in (first, ~first, classes == 0):
        assert abs(np.mean((labels != classes)[given]) - 0.2) < 5 * np.sqrt(0.16 / given.sum())


def test_draws_of_the_first_version_are_those_of_today():
    problem = Problem(40, 12, 2, 3, 0.5, 1.0, 1.0, 1.0, 0.1)
    np.testing.assert_array_equal(draw_labels(problem, 7), LABELS_OF_SEED_7)
    data, (weights, mask) = draw_dataset(problem, 7), draw_network(problem, 7)
    np.testing.assert_array_equal(data.signal_first, FIRST_OF_SEED_7)
    assert (data.noise > 0).sum(axis=1).tolist() == POSITIVE_OF_SEED_7
    assert (weights > 0).sum(axis=2).ravel().tolist() == WEIGHTS_OF_SEED_7
    assert mask.sum(axis=2).ravel().tolist() == KEPT_OF_SEED_7


@pytest.mark.parametrize("block", [3, BLOCK])
def test_the_noise_law_changes_the_first_K_coordinates_alone(monkeypatch, block):
    monkeypatch.setattr(sims.draw, "BLOCK", block)  # 3: the signals span two blocks
    isotropic = replace(WIDE, d=11, K=5)
    noise, weights, mask = joined(isotropic, 9)
    other, *network = joined(replace(isotropic, noise="orthogonal"), 9)
    assert_same_arrays((weights, mask), network)
    np.testing.assert_array_equal(other[:, 5:], noise[:, 5:])
    assert np.all(other[:, :5] == 0)
    assert np.all(noise != 0)


@pytest.mark.parametrize("d", [7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_the_first_coordinates_do_not_depend_on_d(d):
    noise, weights, mask = joined(WIDE, 4)
    short = joined(replace(WIDE, d=d), 4)
    assert_same_arrays((noise[:, :d], weights[:, :, :d], mask[:, :, :d]), short)


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (BLOCK, replace(WIDE, K=3)),
        (BLOCK, replace(WIDE, K=3, p=1.0, noise="orthogonal")),
        (2, replace(WIDE, d=7, K=5, n=3)),  # the signal coordinates span three blocks
        (2, replace(WIDE, d=5, K=5, n=3, noise="orthogonal")),  # no noise at all
        (BLOCK, replace(WIDE, signals="antipodal", flip=0.4)),
        (1, replace(WIDE, d=5, signals="antipodal", flip=0.4, noise="orthogonal")),
    ],
)
def test_sums_over_blocks_are_the_formulas_on_all_coordinates(
    monkeypatch, draw_by_hand, block, problem
):
    monkeypatch.setattr(sims.draw, "BLOCK", block)
    by_hand = draw_by_hand(problem, draw_dataset(problem, 8), *draw_network(problem, 8))
    streamed = total(problem, 8, memory=1.0)
    for name in ("labels", "classes", "signal_mask", "noise_at_signal"):
        np.testing.assert_array_equal(getattr(streamed, name), getattr(by_hand, name))
    for name in ("initial_signal", "initial_noise", "noise_norm2"):
        # sums in another order
        np.testing.assert_allclose(
            getattr(streamed, name), getattr(by_hand, name), rtol=1e-11, atol=1e-13
        )


def test_masks_at_antipodal_signals_are_one_and_the_same():
    problem = replace(WIDE, signals="antipodal")
    mask = draw_network(problem, 4)[1][:, :, :1]
    np.testing.assert_array_equal(draw_signal_mask(problem, 4), mask.repeat(2, axis=2))
    np.testing.assert_array_equal(total(problem, 4).signal_mask, mask.repeat(2, axis=2))


def hand_made(labels, signal_mask, initial_signal, initial_noise):
    K, m, _ = np.shape(signal_mask)
    n = len(labels)
    problem = Problem(d=9, n=n, m=m, K=K, p=0.5, mu=1, sigma_n=1, sigma_0=1, eta=1)
    return Draw(
        problem,
        0,
        np.array(labels),
        np.array(signal_mask, float),
        np.zeros((n, K)),
        np.array(initial_signal, float),
        np.array(initial_noise, float),
        np.ones((K, m, n)),
    )


# Two classes of two neurons, three samples. Class 0: one neuron keeps its signal but starts
# negative, the other starts positive where it is not its own. Class 1: one neuron is learnable.
MIXED = hand_made(
    [0, 0, 1],
    [[[1, 0], [0, 1]], [[1, 1], [0, 0]]],
    [[[-1, 0], [0, 2]], [[3, 4], [0, 0]]],
    [[[1, -1, 5], [-2, -3, 5]], [[7, 7, -1], [7, 7, 0]]],
)


def test_signal_neurons_keep_their_own_coordinate():
    np.testing.assert_array_equal(MIXED.signal_neurons, [[True, False], [True, False]])


def test_class_counts_count_empty_classes_too():
    np.testing.assert_array_equal(event_of(MIXED).class_counts, [2, 1])
    lonely = hand_made([1, 1], np.ones((3, 1, 3)), np.ones((3, 1, 3)), np.ones((3, 1, 2)))
    np.testing.assert_array_equal(event_of(lonely).class_counts, [0, 2, 0])


def test_a_class_is_learnable_by_a_kept_neuron_that_starts_positive():
    np.testing.assert_array_equal(event_of(MIXED).learnable, [False, True])


def test_a_start_at_exactly_zero_is_not_learnable():
    still = hand_made([0, 1], np.ones((2, 1, 2)), np.zeros((2, 1, 2)), np.zeros((2, 1, 2)))
    assert not event_of(still).learnable.any()
    assert not event_of(still).memorizable.any()


def test_a_sample_is_memorizable_by_a_neuron_of_its_own_class():
    np.testing.assert_array_equal(event_of(MIXED).memorizable, [True, False, False])


def test_no_own_signal_asks_for_the_own_coordinate_alone():
    crossed = hand_made([0], [[[0, 1]], [[1, 0]]], np.ones((2, 1, 2)), np.ones((2, 1, 1)))
    assert event_of(crossed).no_own_signal is True
    assert event_of(MIXED).no_own_signal is False


def negative_start(q, signals="antipodal", labels=(0, 1)):
    """One neuron a class, both with a negative product on their own signal."""
    start = [[[-1, 1]], [[1, -1]]]
    draw = hand_made([0, 1], np.ones((2, 1, 2)), start, np.ones((2, 1, 2)))
    problem = replace(draw.problem, signals=signals, q=q)
    return replace(draw, problem=problem, labels=np.array(labels), classes=np.array([0, 1]))


@pytest.mark.parametrize(("q", "signals", "learnable"), [
    (1, "antipodal", True), (1.5, "antipodal", True), (2, "antipodal", False),
    (3, "antipodal", False), (1, "axis", False),
])  # fmt: skip
def test_below_q_2_a_negative_start_is_learnable_where_signals_are_opposite(q, signals, learnable):
    assert event_of(negative_start(q, signals)).learnable.tolist() == [learnable] * 2


def test_a_pruned_signal_is_not_learnable_at_q_1():
    draw = replace(negative_start(1), signal_kept=np.zeros((2, 1, 2)))
    assert not event_of(draw).learnable.any()


def test_counts_are_of_signals_and_memorizing_is_of_labels():
    draw = hand_made([0, 0, 1], np.ones((2, 1, 2)), np.ones((2, 1, 2)),
                     [[[1, -1, 5]], [[-2, 3, -4]]])  # fmt: skip
    event = event_of(replace(draw, labels=np.array([0, 1, 1])))
    np.testing.assert_array_equal(event.class_counts, [2, 1])
    np.testing.assert_array_equal(event.flipped_counts, [1, 0])
    np.testing.assert_array_equal(event.memorizable, [True, True, False])
    # one wrong label outweighs one right one at K = 2
    np.testing.assert_array_equal(event.learnable, [False, True])


def test_events_are_functions_of_the_draw_alone(small_problem):
    runs = [
        simulate(small_problem(), 3, engine, max_steps=steps)
        for engine, steps in (("weights", 0), ("gram", 5), ("flow", 50))
    ]
    events = [run.event for run in runs] + [event_of(total(small_problem(), 3))]
    for event in events[1:]:
        for name in ("class_counts", "learnable", "no_own_signal", "memorizable", "captured"):
            np.testing.assert_array_equal(getattr(event, name), getattr(events[0], name))
