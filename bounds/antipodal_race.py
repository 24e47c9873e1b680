r"""The race of antipodal signals without pruning, wrong labels included, and the loss it ends with.

Neurons of class j see the signal of the other class with the opposite sign, so that a neuron that
grows on its own signal answers no other: each class runs the race of :func:`bounds.race_index`. A
sample whose label is wrong pulls the signal of its class down, until it is memorized. Source:
derived, Theory, sections 9 and 11.
"""

import math
from collections.abc import Sequence

from bounds.phase import race_index


def antipodal_race_index(
    snr: float,
    signal_maximum: float,
    noise_maxima: Sequence[float],
    q: float,
    wrong_maxima: Sequence[float] = (),
) -> float:
    """Evaluate the race index of one of two antipodal classes: above 1 it learns its signal.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    signal_maximum : float
        M_s, the largest initial product of the class's neurons with its signal over sigma_0 mu.
    noise_maxima : sequence of float
        M_i of each sample of the class that is labeled so, the largest initial product of the
        class's neurons with its noise over sigma_0 sigma_n sqrt(d).
    q : float
        Power of the activation, above 2.
    wrong_maxima : sequence of float
        The same of each sample of the class that carries the other label, over the neurons of the
        other class.

    Returns
    -------
    float
        SNR^q M_s^(q-2) times the largest lead, over time, of right labels over wrong ones:
        max_t of sum_i min(t, M_i^(2-q)) - sum_w min(t, M_w^(2-q)). Without wrong labels that is
        sum_i M_i^(2-q).

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, sections 9 and 11 (derived).
    """
    alone = race_index(snr, 1.0, signal_maximum, [1.0], q)
    if alone == 0:
        return 0.0
    right = [_span(maximum, q) for maximum in noise_maxima]
    wrong = [_span(maximum, q) for maximum in wrong_maxima]
    return alone * _largest_lead(right, wrong)


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
    Theory, section 11 (derived): a fresh sample of an unlearned class gets two logits of 0.
    """
    if len(learned) != 2:
        raise ValueError(f"learned must say so of 2 classes, got {len(learned)}")
    return math.log(2) * sum(not one for one in learned) / 2


def _span(maximum: float, q: float) -> float:
    """Return for how long a sample pulls, in units in which one of maximum 1 does for 1."""
    return maximum ** (2 - q) if maximum > 0 else math.inf


def _largest_lead(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the largest lead that right labels ever have, summed over time.

    It turns only where a sample is memorized.
    """

    def lead(time: float) -> float:
        ahead = math.fsum(min(time, one) for one in right)
        return ahead - math.fsum(min(time, one) for one in wrong)

    if sum(one == math.inf for one in right) > sum(one == math.inf for one in wrong):
        return math.inf
    return max([0.0, *(lead(one) for one in (*right, *wrong) if one < math.inf)])
