"""What several tests of judging share: claims with an order, made of plain numbers."""

import math

import numpy as np
import pytest

from theorycheck.judging.orders.order import OrderCase, Together, judge_orders
from theorycheck.judging.slopes import RESOLUTION, tail, tail_end
from theorycheck.judging.table import Table
from theorycheck.judging.verdict import Verdict

LONG = tuple(10.0**k for k in range(2, 11))  # the tail is 1e6 .. 1e10, its end 1e8 .. 1e10


@pytest.fixture(scope="session")
def case_of():
    """A claim whose excess over its bound is given, draw by draw and size by size."""

    def make(excess, sizes=LONG, *, order="O", claim="c", measured=None, log_bound=None, **changes):
        excess = np.asarray(excess, float)
        bound = np.zeros(len(sizes)) if log_bound is None else np.asarray(log_bound, float)
        if measured is None:
            there = np.where(excess == math.inf, math.nan, excess)  # inf: there is no t*
            measured = np.exp(np.clip(-there if order == "Omega" else there, -700, 700))
        table = Table(
            np.array(sizes), np.array(sizes), tail(sizes), tail_end(sizes), bound,
            np.asarray(measured, float), excess,
        )  # fmt: skip
        blank = Verdict(
            "t", claim, "says", order, "paper", "undecided", "", "d",
            draws=len(excess), total=excess.size,
        )  # fmt: skip
        allowed = {"tolerated": RESOLUTION, "tolerated_end": RESOLUTION, **changes}
        return OrderCase(blank, table, **allowed)

    return make


@pytest.fixture(scope="session")
def judged(case_of):
    """The verdict on such a claim, alone or as one of several tests."""

    def judge(excess, *args, claims=1, tests=1, **changes):
        (verdict,) = judge_orders([case_of(excess, *args, **changes)], Together(claims, tests))
        return verdict

    return judge


@pytest.fixture(scope="session")
def powers():
    """Power laws in the size, one a draw, whose excess at the last size is given."""

    def make(slopes, sizes=LONG, last=1.0):
        return last + np.outer(slopes, np.log(np.array(sizes) / sizes[-1]))

    return make
