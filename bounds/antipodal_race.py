r"""The race of antipodal signals without pruning, and the test loss that it ends with.

Neurons of class j see the signal of the other class with the opposite sign, so that one that grows
on its own signal answers no other: each class runs the race of :func:`bounds.race_index` by itself,
at p = 1. The scale of the output drops out. Labels are right here: a wrong one may pull a signal
down again after it was learned. Source: derived, Theory, sections 9 and 11.
"""

import math
from collections.abc import Sequence

from bounds.phase import race_index


def antipodal_race_index(
    snr: float, signal_maximum: float, noise_maxima: Sequence[float], q: float
) -> float:
    """Evaluate the race index of one of two antipodal classes: above 1 it learns its signal.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    signal_maximum : float
        M_s, the largest initial product of the class's neurons with its signal, +mu e_1 or -mu e_1,
        over sigma_0 mu.
    noise_maxima : sequence of float
        M_i of each sample of the class, the largest initial product of the class's neurons with its
        noise over sigma_0 sigma_n sqrt(d).
    q : float
        Power of the activation, above 2.

    Returns
    -------
    float
        SNR^q M_s^(q-2) sum_i M_i^(2-q); inf and 0 as in :func:`bounds.race_index`.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, sections 9 and 11 (derived).
    """
    return race_index(snr, 1.0, signal_maximum, noise_maxima, q)


def guessed_loss(learned: Sequence[bool]) -> float:
    """Evaluate the test loss at the end: log 2 times the share of classes that learned no signal.

    Parameters
    ----------
    learned : sequence of bool
        Whether each of the two classes has learned its signal.

    Returns
    -------
    float
        At leading order, for a training loss that tends to 0 and labels that are right.

    Raises
    ------
    ValueError
        If there are not two.

    Notes
    -----
    Theory, section 12 (derived): a fresh sample of an unlearned class gets two logits of 0.
    """
    if len(learned) != 2:
        raise ValueError(f"learned must say so of 2 classes, got {len(learned)}")
    return math.log(2) * sum(not one for one in learned) / 2
