"""Labelled images as numbers: what a file must hold to be one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sims.arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images of one size.

    Attributes
    ----------
    name : str
        What they are called: ``made``, or the name of their file or folder.
    pixels : (N, d) array
        An image a row, from 0 to 1.
    labels : (N,) int array
        Their classes, 0 to K - 1; every class has an image.
    """

    name: str
    pixels: Floats
    labels: Integers

    @property
    def classes(self) -> int:
        """K."""
        return int(self.labels.max()) + 1


def collect(name: str, pixels: object, labels: object) -> Images:
    """Return images from whatever numbers a file holds, or raise a ValueError in one sentence.

    Pixels are divided by the largest where it is above 1; classes are numbered in their order.
    """
    try:
        rows = np.asarray(pixels, dtype=float)
        named = np.asarray(labels, dtype=float).ravel()
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} holds something that is no number in its images") from error
    if rows.ndim < 2 or len(rows) != len(named) or not rows.size:
        raise ValueError(
            f"{name} must hold as many labels as images, "
            f"got images of shape {rows.shape} and {len(named)} labels"
        )
    rows = rows.reshape(len(rows), -1)
    if not np.isfinite(rows).all() or rows.min() < 0:
        raise ValueError(f"{name} has a pixel that is negative or no finite number")
    if not np.isfinite(named).all() or (named != np.round(named)).any():
        raise ValueError(f"{name} has a label that is no integer")
    classes, numbered = np.unique(named, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"{name} must hold two classes or more, got {len(classes)}")
    largest = rows.max()
    return Images(name, rows / largest if largest > 1 else rows, numbered.astype(np.int64))
