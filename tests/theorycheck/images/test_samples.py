"""Training, test and other images: disjoint, centred by the others, signals of the others."""

import numpy as np
import pytest

from theorycheck.images.collection import Images
from theorycheck.images.samples import draw_samples


def some_images(N=60, d=7, K=3):
    rng = np.random.default_rng(0)
    return Images("some", rng.random((N, d)), np.arange(N) % K)


def place(images, found, middle):
    """Which images are meant by centred ones."""
    distance = np.abs(images.pixels[None] - (found + middle)[:, None]).max(axis=2)
    assert (distance.min(axis=1) < 1e-12).all()
    return distance.argmin(axis=1)


def test_no_image_is_used_twice_and_the_others_make_the_signals():
    images = some_images()
    found = draw_samples(images, 20, 15, 0.0, np.random.default_rng(1))
    # the mean that is subtracted: of the others, whose centred mean is 0
    middle = (images.pixels.sum(axis=0) - _raw(images, found)) / 25
    train, test = place(images, found.images, middle), place(images, found.test_images, middle)
    assert len({*train, *test}) == 35
    others = np.setdiff1d(np.arange(60), [*train, *test])
    for k in range(3):
        of_class = images.pixels[others[images.labels[others] == k]]
        np.testing.assert_allclose(found.signals[k], of_class.mean(axis=0) - middle, atol=1e-12)
    np.testing.assert_array_equal(found.labels, images.labels[train])
    np.testing.assert_allclose(found.images - found.residuals, found.signals[found.labels])


def _raw(images, found):
    """The sum of training and test images: x + 35 middle is known, and middle solves for itself."""
    centred = found.images.sum(axis=0) + found.test_images.sum(axis=0)
    # centred = raw - 35 middle and middle = (all - raw)/25
    return (25 * centred + 35 * images.pixels.sum(axis=0)) / 60


def test_noise_is_added_to_training_and_test_images_alone():
    images = some_images(d=4000)
    clean, noisy = (
        draw_samples(images, 20, 15, noise, np.random.default_rng(1)) for noise in (0.0, 0.5)
    )
    np.testing.assert_array_equal(clean.signals, noisy.signals)
    assert (noisy.images - clean.images).std() == pytest.approx(0.5, rel=0.02)
    assert (noisy.test_images - clean.test_images).std() == pytest.approx(0.5, rel=0.02)


def test_every_class_keeps_an_image_for_its_signal():
    found = draw_samples(some_images(), 40, 17, 0.0, np.random.default_rng(3))
    assert np.isfinite(found.signals).all()
    with pytest.raises(
        ValueError, match=r"n \+ test must be at most 57, .* got 40 \+ 18 of the 60"
    ):
        draw_samples(some_images(), 40, 18, 0.0, np.random.default_rng(3))
