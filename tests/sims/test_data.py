from dataclasses import replace

import numpy as np
import pytest

from sims import draw_dataset, draw_network
from sims.data import patches, signals
from sims.draw import BLOCK, blocks, draw_labels


def test_signals_are_multiples_of_unit_vectors(small_problem):
    expected = np.zeros((3, 5))
    expected[0, 0] = expected[1, 1] = expected[2, 2] = 1.3
    np.testing.assert_array_equal(signals(small_problem(K=3, d=5)), expected)


def test_antipodal_signals_are_opposite_on_one_coordinate(small_problem):
    problem = small_problem(d=3, signals="antipodal")
    np.testing.assert_array_equal(signals(problem), [[1.3, 0, 0], [-1.3, 0, 0]])


@pytest.mark.parametrize("d", [40, BLOCK + 5])
def test_the_dataset_is_what_the_engines_stream(small_problem, d):
    problem = small_problem(d=d)
    data = draw_dataset(problem, 6)
    weights, mask = draw_network(problem, 6)
    for block in blocks(problem, 6):
        seen = slice(block.start, block.stop)
        np.testing.assert_array_equal(data.noise[:, seen], block.noise)
        np.testing.assert_array_equal(weights[:, :, seen], block.weights)
        np.testing.assert_array_equal(mask[:, :, seen], block.mask)
    np.testing.assert_array_equal(data.labels, draw_labels(problem, 6))


def test_weights_are_drawn_before_masking(small_problem):
    weights, mask = draw_network(small_problem(p=0.1), 0)
    assert np.all(weights[~mask] != 0)


def test_patches_come_in_the_order_of_the_coin(small_problem, dataset):
    problem = small_problem(d=3, n=2)
    data = dataset([1, 0], [[1, 2, 3], [4, 5, 6]], [True, False])
    expected = [[[0, 1.3, 0], [1, 2, 3]], [[4, 5, 6], [1.3, 0, 0]]]
    np.testing.assert_array_equal(patches(data, problem), expected)


def test_the_patch_is_the_signal_of_the_class_whatever_the_label(small_problem, dataset):
    data = dataset([1, 0], [[1, 2, 3], [4, 5, 6]], [True, False], classes=[0, 1])
    expected = [[[1.3, 0, 0], [1, 2, 3]], [[4, 5, 6], [0, 1.3, 0]]]
    np.testing.assert_array_equal(patches(data, small_problem(d=3, n=2)), expected)
    expected[1][1] = [-1.3, 0, 0]
    antipodal = small_problem(d=3, n=2, signals="antipodal")
    np.testing.assert_array_equal(patches(data, antipodal), expected)


def test_without_classes_no_label_is_wrong(dataset):
    data = dataset([1, 0, 1], np.zeros((3, 2)))
    np.testing.assert_array_equal(data.classes, data.labels)


@pytest.mark.slow
def test_the_coin_is_fair_and_tells_nothing_of_the_labels(small_problem):
    data = draw_dataset(small_problem(n=20000, d=2), 1)
    coins = data.signal_first[:10000]
    # of its own label, and of the two that the same 64 random bits would give
    for labels in (data.labels[:10000], data.labels[::2], data.labels[1::2]):
        for label in (0, 1):
            share = coins[labels == label].mean()
            assert abs(share - 0.5) < 5 * 0.5 / np.sqrt(np.sum(labels == label))


def test_seeds_and_noise_laws_differ_where_they_should(small_problem):
    problem = small_problem()
    data, other = draw_dataset(problem, 0), draw_dataset(problem, 1)
    assert not np.any(data.noise == other.noise)
    orthogonal = draw_dataset(replace(problem, noise="orthogonal"), 0)
    np.testing.assert_array_equal(orthogonal.signal_first, data.signal_first)
    np.testing.assert_array_equal(orthogonal.labels, data.labels)
    assert np.all(orthogonal.noise[:, :2] == 0)
    antipodal = draw_dataset(replace(problem, noise="orthogonal", signals="antipodal"), 0)
    np.testing.assert_array_equal(antipodal.noise[:, 1:], data.noise[:, 1:])
    assert np.all(antipodal.noise[:, 0] == 0)
