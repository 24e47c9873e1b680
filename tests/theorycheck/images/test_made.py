"""Made digits: filled exactly, the same every time, and readable."""

import numpy as np
import pytest

from theorycheck.images import made
from theorycheck.images.made import FONTS, SIDE, Outline, filled, made_digits, outlines


def polygon(points):
    points = np.array(points, float)
    return Outline(points, np.roll(points, -1, axis=0))


SQUARE = [(-1, -1), (1, -1), (1, 1), (-1, 1)]


def test_a_square_covers_its_area():
    image = filled(polygon(SQUARE), 2.25 * np.eye(2), np.array([5.0, 5.0]), side=10)
    assert image.sum() == pytest.approx(4.5 * 4.5, rel=0.05)  # exact across, three lines a pixel
    assert image[5, 5] == 1
    assert image[5, 2] == pytest.approx(0.25)
    assert image[0].sum() == 0


def test_a_hole_is_not_covered():
    outer, inner = polygon(SQUARE), polygon([(x / 2, y / 2) for x, y in reversed(SQUARE)])
    ring = Outline(*(np.concatenate(pair) for pair in zip(outer, inner, strict=True)))
    image = filled(ring, 4 * np.eye(2), np.array([5.0, 5.0]), side=10)
    assert image[5, 5] == 0
    assert image.sum() == pytest.approx(64 - 16)


def test_the_first_row_is_on_top():
    low = polygon([(-1, -1), (1, -1), (1, 0), (-1, 0)])
    image = filled(low, 4 * np.eye(2), np.array([5.0, 5.0]), side=10)
    assert image[:5].sum() == 0
    assert image[5:].sum() == pytest.approx(32)


def test_the_same_seed_makes_the_same_bits():
    one, same, other = made_digits(40), made_digits(40), made_digits(40, seed=1)
    assert np.array_equal(one.pixels, same.pixels)
    assert not np.array_equal(one.pixels, other.pixels)
    assert one.labels.tolist() == [k for _ in range(4) for k in range(10)]


def test_more_digits_begin_with_those_of_fewer():
    assert np.array_equal(made_digits(30).pixels, made_digits(50).pixels[:30])


def test_digits_lie_inside_their_images():
    images = made_digits(300)
    assert images.pixels.min() >= 0
    assert images.pixels.max() == 1
    rim = np.ones((SIDE, SIDE), bool)
    rim[1:-1, 1:-1] = False
    ink = images.pixels.reshape(-1, SIDE, SIDE)
    assert (ink.sum(axis=(1, 2)) > 10).all()
    assert ink[:, rim].sum() < 0.002 * ink.sum()


def test_every_font_has_every_digit_upright_and_of_height_1():
    for digit in range(10):
        found = outlines(digit)
        assert len(found) == len(FONTS)
        for outline in found:
            assert np.ptp(outline.begins[:, 1]) == pytest.approx(1)
    # the top half of a 7 is heavier than its bottom half
    seven = filled(outlines(7)[0], SIDE * 0.7 * np.eye(2), np.full(2, SIDE / 2))
    assert seven[: SIDE // 2].sum() > seven[SIDE // 2 :].sum()


def test_nearest_class_mean_tells_made_digits_apart():
    images = made_digits(1000)
    means = np.array(
        [images.pixels[:500][images.labels[:500] == k].mean(axis=0) for k in range(10)]
    )
    distance = ((images.pixels[500:, None] - means) ** 2).sum(axis=2)
    assert (distance.argmin(axis=1) == images.labels[500:]).mean() > 0.75


def test_a_missing_font_is_one_sentence(monkeypatch):
    monkeypatch.setattr(made, "FONTS", ("NoSuchFont",))
    outlines.cache_clear()
    with pytest.raises(ValueError, match=r"made digits need NoSuchFont\.ttf"):
        made_digits(1)
    outlines.cache_clear()
