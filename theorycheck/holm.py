"""Several claims judged together: Holm's step-down, as the confidence level of each interval.

Why the p-values are two-sided. A claim with an order has two nulls, "its slope is tolerated" and
"its slope is not", of which exactly one is true. `refuted` rejects the first and `consistent` the
second, so a wrong outcome of either kind is one event: the rejection of the null that is true. A
two-sided t-test at rate a makes it with probability at most a/2. Over the claims of one check that
sums to half the rate in Holm's first step; the other half pays for the later, wider steps, which
a claim decided in the right direction opens to the rest (Shaffer, Annals of Statistics 8, 1980:
Holm's procedure on two-sided p-values keeps the family-wise rate of wrong directions too when the
tests are independent).
"""

from __future__ import annotations

from collections.abc import Sequence

FAMILY_ERROR = 0.01  # rate of any wrong outcome among all claims that are judged together


def holm(p_values: Sequence[float], rate: float = FAMILY_ERROR) -> list[float]:
    """Return the confidence level at which each hypothesis' interval is to be read.

    Parameters
    ----------
    p_values : sequence of float
        Two-sided, one a hypothesis; 1 for a hypothesis that cannot be tested, which still counts.
    rate : float
        Family-wise rate of error.

    Returns
    -------
    list of float
        In the order of the p-values. The smallest is read at ``1 - rate/k`` of k, the next at
        ``1 - rate/(k - 1)`` and so on; from the first that its own level does not decide, all
        keep that level.
    """
    count = len(p_values)
    levels = [0.0] * count
    left = count
    for index in sorted(range(count), key=lambda index: p_values[index]):
        levels[index] = 1 - rate / left
        if p_values[index] <= rate / left and left > 1:
            left -= 1
    return levels
