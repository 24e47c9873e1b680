"""Digits without a download: the outlines of matplotlib's fonts, turned, slanted and moved.

They are filled here and not by a font library, so that hinting and its versions play no part.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sims.arrays import Floats
from theorycheck.images.collection import Images

SIDE = 20  # pixels
ROWS = 3  # scan lines a pixel
FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Bold",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralBol",
    "STIXGeneralItalic", "cmr10", "cmss10", "cmtt10",
)  # fmt: skip


class Outline(NamedTuple):
    """The edges of a glyph, its middle at 0 and its height 1.

    Attributes
    ----------
    begins, ends : (E, 2) arrays
        Where each edge begins and ends; holes run the other way round.
    """

    begins: Floats
    ends: Floats


def made_digits(count: int, seed: int = 0) -> Images:
    """Draw digits of 20 x 20 pixels, as many of each class up to one.

    Parameters
    ----------
    count : int
        How many.
    seed : int, default 0
        Of fonts, sizes, turns, slants and places.

    Returns
    -------
    Images
        The same for the same count and seed: classes 0 to 9 in turn.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    pixels = np.empty((count, SIDE * SIDE))
    labels = np.arange(count) % 10
    for place, digit in enumerate(labels.tolist()):
        outline = outlines(digit)[rng.integers(len(FONTS))]
        pixels[place] = filled(outline, *_moved(rng)).ravel()
    return Images("made", pixels, labels)


def _moved(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw the matrix and the place of a glyph: height, width, slant, turn, middle."""
    height, width = SIDE * rng.uniform(0.6, 0.8), rng.uniform(0.9, 1.2)
    slant, turn = rng.uniform(-0.2, 0.2), rng.uniform(-0.15, 0.15)
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    matrix = height * turned @ np.array([[width, slant], [0.0, 1.0]])
    return matrix, SIDE / 2 + rng.uniform(-1.0, 1.0, 2)


def filled(outline: Outline, matrix: Floats, middle: Floats, side: int = SIDE) -> Floats:
    """Return how much of each pixel a moved glyph covers, ``(side, side)``, first row on top.

    A scan line is inside where the outline winds around it: each edge that it crosses covers all
    that lies to the right of it, with the sign of its direction. Exact along the line.
    """
    begins, ends = (points @ matrix.T + middle for points in (outline.begins, outline.ends))
    lines = (np.arange(side * ROWS)[:, None] + 0.5) / ROWS
    crossed = (np.minimum(begins[:, 1], ends[:, 1]) <= lines) & (
        lines < np.maximum(begins[:, 1], ends[:, 1])
    )
    line, edge = np.nonzero(crossed)
    (x, y), (to_x, to_y) = begins[edge].T, ends[edge].T
    at = x + (lines[line, 0] - y) * (to_x - x) / (to_y - y)
    right = np.clip(np.arange(1, side + 1) - at[:, None], 0.0, 1.0)
    winding = np.zeros((side * ROWS, side))
    np.add.at(winding, line, np.sign(to_y - y)[:, None] * right)
    covered = np.minimum(np.abs(winding), 1.0)
    return covered.reshape(side, ROWS, side).mean(axis=1)[::-1]


@cache
def outlines(digit: int) -> tuple[Outline, ...]:
    """Return the outline of a digit in every font."""
    return tuple(_outline(_font_file(font), str(digit)) for font in FONTS)


def _font_file(font: str) -> Path:
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"
    if not path.is_file():
        raise ValueError(f"made digits need {font}.ttf, a font that matplotlib brings, at {path}")
    return path


def _outline(font: Path, letter: str) -> Outline:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    # at size 100 the curves are broken into short edges
    path = TextPath((0, 0), letter, size=100, prop=FontProperties(fname=font), usetex=False)
    polygons = [np.asarray(polygon) for polygon in path.to_polygons()]
    every = np.concatenate(polygons)
    low, high = every.min(axis=0), every.max(axis=0)
    scaled = [(polygon - (low + high) / 2) / (high - low)[1] for polygon in polygons]
    return Outline(
        np.concatenate([polygon[:-1] for polygon in scaled]),
        np.concatenate([polygon[1:] for polygon in scaled]),
    )
