"""Which images train, which test, and which say what the signals are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sims.arrays import Floats, Integers
from theorycheck.images.collection import Images


@dataclass(frozen=True, eq=False)
class Samples:
    """Images of one repetition, the mean of the other images subtracted from all.

    Attributes
    ----------
    images, test_images : (n, d), (N, d) arrays
        With their noise.
    labels, test_labels : (n,), (N,) int arrays
        Their classes.
    signals : (K, d) array
        Class means of the other images, without noise: mu_k.
    residuals : (n, d) array
        ``xi_i = x_i - mu_{y_i}`` of the training images.
    """

    images: Floats
    labels: Integers
    test_images: Floats
    test_labels: Integers
    signals: Floats
    residuals: Floats


def check_enough(images: Images, n: int, test: int) -> None:
    """Raise a ValueError unless images are left that say what the signals are."""
    most = len(images.labels) - images.classes
    if n + test > most:
        raise ValueError(
            f"n + test must be at most {most}, for one other image a class at least, "
            f"got {n} + {test} of the {len(images.labels)} images of {images.name}"
        )


def draw_samples(
    images: Images, n: int, test: int, noise: float, rng: np.random.Generator
) -> Samples:
    """Draw training and test images; the others make the signals.

    One image of every class is among the others, or it would have no signal.
    """
    check_enough(images, n, test)
    order = rng.permutation(len(images.labels))
    # the first of each class go last
    firsts = np.unique(images.labels[order], return_index=True)[1]
    order = np.concatenate([np.delete(order, firsts), order[firsts]])
    train, tested, others = np.split(order, [n, n + test])
    middle = images.pixels[others].mean(axis=0)
    signals = np.array(
        [
            images.pixels[others[images.labels[others] == k]].mean(axis=0) - middle
            for k in range(images.classes)
        ]
    )

    def seen(which: Integers) -> Floats:
        pixels = images.pixels[which]
        return pixels + noise * rng.standard_normal(pixels.shape) - middle

    shown, labels = seen(train), images.labels[train]
    return Samples(
        shown, labels, seen(tested), images.labels[tested], signals, shown - signals[labels]
    )
