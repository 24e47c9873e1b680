"""Order 8 takes the steps of `scipy.integrate.DOP853`, each row its own."""

import numpy as np
import pytest
from scipy.integrate import DOP853

from sims import order8
from sims.dense import at

TOLERANCE = 1e-8
STARTS = ([1.0, 0.0, 0.5], [2.5, -1.0, 0.1], [0.1, 0.9, 1.0], [-0.3, 4.0, 2.0])


def pendulum(y):
    return np.array([y[1], -np.sin(y[0]) - 0.1 * y[1], 0.3 * y[0] * y[2]])


def velocity(y):
    return np.array([pendulum(row.ravel()) for row in y]).reshape(y.shape)


def tolerated(y, after):
    return TOLERANCE * (1 + np.maximum(np.abs(y), np.abs(after)))


def steps(starts, bound, first=None):
    """Integrate all rows, one try of each at a time; a list of accepted steps for each."""
    y = np.array(starts).reshape(-1, 1, 1, 3)
    f, clock, bound = velocity(y), np.zeros(len(y)), np.full(len(y), bound)
    h = order8.first_steps(velocity, y, f, bound, tolerated(y, y))
    h = h if first is None else np.full(len(y), first)
    rejected, taken = np.zeros(len(y), bool), [[] for _ in starts]
    while np.any(clock < bound):
        h = np.minimum(h, bound - clock)
        after, slopes = order8.attempt(velocity, y, f, h)
        errors = order8.errors(slopes, h, tolerated(y, after))
        accepted = (errors < 1) & (clock < bound)
        f_after = velocity(after)
        terms = order8.inside(velocity, y, after, slopes, f_after, h)
        for i in np.flatnonzero(accepted):
            one = np.array([i, i, i])
            inside = at(y, terms, one, np.array([0.0, 0.3, 0.9]))
            taken[i].append((clock[i] + h[i], h[i], after[i].ravel(), inside.reshape(3, 3)))
        longer = h * order8.factors(errors, rejected)
        clock = np.where(accepted, clock + h, clock)
        move = accepted[:, None, None, None]
        y, f = np.where(move, after, y), np.where(move, f_after, f)
        h, rejected = longer, ~accepted
    return taken


def scipy_solver(start, bound, first=None):
    return DOP853(
        lambda t, y: pendulum(y), 0, np.array(start), bound, first_step=first,
        rtol=TOLERANCE, atol=TOLERANCE,
    )  # fmt: skip


def test_the_first_step_is_that_of_scipy():
    y = np.array(STARTS).reshape(-1, 1, 1, 3)
    h = order8.first_steps(velocity, y, velocity(y), np.full(4, 9.0), tolerated(y, y))
    np.testing.assert_allclose(h, [scipy_solver(start, 9.0).h_abs for start in STARTS], rtol=1e-12)


def test_the_steps_are_those_of_scipy():
    # the first one is long enough for its error to be more than rounding
    for start, ours in zip(STARTS, steps(STARTS, 10.0, 1.5), strict=True):
        solver = scipy_solver(start, 10.0, 1.5)
        for t, h, y, inside in ours:
            assert solver.step() is None
            assert h == pytest.approx(solver.step_size, rel=1e-8)
            assert t == pytest.approx(solver.t, rel=1e-9)
            np.testing.assert_allclose(y, solver.y, atol=1e-9)
            path = solver.dense_output()
            for x, value in zip((0.0, 0.3, 0.9), inside, strict=True):
                np.testing.assert_allclose(value, path(solver.t_old + x * h), atol=1e-9)
        assert solver.status == "finished"


def test_a_step_of_given_length_is_that_of_scipy():
    for start in STARTS:
        solver = DOP853(lambda t, y: pendulum(y), 0, np.array(start), 9.0, first_step=0.2)
        assert solver.step() is None
        y, h = np.array(start).reshape(1, 1, 1, 3), np.array([solver.step_size])
        after, slopes = order8.attempt(velocity, y, velocity(y), h)
        np.testing.assert_allclose(after.ravel(), solver.y, rtol=1e-14, atol=1e-15)
        terms = order8.inside(velocity, y, after, slopes, velocity(after), h)
        for x in (0.0, 0.2, 0.7, 1.0):
            value = at(y, terms, np.zeros(1, int), np.array([x])).ravel()
            right = solver.dense_output()(x * h[0])
            np.testing.assert_allclose(value, right, rtol=1e-13, atol=1e-14)


def test_rows_take_the_steps_they_would_take_alone():
    together = steps(STARTS, 5.0)
    for i, start in enumerate(STARTS):
        (alone,) = steps([start], 5.0)
        assert len(alone) == len(together[i])
        for left, right in zip(alone, together[i], strict=True):
            for ours, theirs in zip(left, right, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_a_step_is_shorter_after_a_rejection_and_never_longer():
    no, yes = np.array([False]), np.array([True])
    assert order8.factors(np.zeros(1), no) == order8.LARGEST_FACTOR
    assert order8.factors(np.zeros(1), yes) == 1
    assert order8.factors(np.array([0.5]), yes) == pytest.approx(0.9 * 0.5 ** (-1 / 8))
    for bad in (1.0, 2.0, np.inf, np.nan):
        factor = order8.factors(np.array([bad]), no)[0]
        assert order8.LEAST_FACTOR <= factor < 1
    assert order8.factors(np.array([np.nan]), no) == order8.LEAST_FACTOR
