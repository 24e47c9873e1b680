import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sims import Problem, stabilized
from sims.dense import at, hermite
from sims.gram import build
from sims.stabilized import DAMPING, MARGIN, MOST_STAGES, STRETCH, scheme
from sims.system import stack


def rows(velocity):
    """A velocity of vectors as one of a stack, whose rows have the shape (1, 1, N)."""
    return lambda y: np.array([velocity(row.ravel()) for row in y]).reshape(y.shape)


def steps(velocity, y, t_bound, radius, rtol=1e-6, atol=1e-6, first_step=1e-3):
    """Integrate one row as `sims.leap` does, and yield (t before, t, y before, y, terms)."""
    counted = rows(velocity)
    y = np.asarray(y, float).reshape(1, 1, 1, -1)
    t, h, f, taken = 0.0, np.array([first_step]), counted(y), 0
    before, error_before = np.ones(1), np.ones(1)
    rho = np.array([MARGIN * radius(y.ravel())])
    while t < t_bound:
        h, s = stabilized.stages(np.minimum(h, t_bound - t), rho)
        if h[0] < 10 * np.spacing(t):
            return
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            after = stabilized.attempt(counted, y, f, h, s)
            f_after = counted(after)
            tolerated = atol + rtol * np.maximum(np.abs(y), np.abs(after))
            error = stabilized.errors(y, after, f, f_after, h, tolerated)
        if error[0] > 1:
            h = stabilized.shorter(h, error)
            rho = np.array([MARGIN * radius(y.ravel())])
            continue
        now = t_bound if h[0] >= t_bound - t else t + h[0]
        yield t, now, y.ravel(), after.ravel(), (y, hermite(y, after, f, f_after, h))
        first = np.array([taken == 0])
        h, before = stabilized.next_steps(h, error, before, error_before, first), h
        t, y, f, error_before, taken = now, after, f_after, error, taken + 1
        if taken % stabilized.REFRESH == 0:
            rho = np.array([MARGIN * radius(y.ravel())])


def end(*arguments, **options):
    """Return when and where the integration ends."""
    *_, last = steps(*arguments, **options)
    return last[1], last[3]


class Counted:
    """A velocity that counts its evaluations."""

    def __init__(self, velocity):
        self.velocity, self.calls = velocity, 0

    def __call__(self, y):
        self.calls += 1
        return self.velocity(y)


def stability_function(s, z):
    """One step of length 1 on ``dy/dt = z y``, from y = 1, without error control."""
    y = np.ones((1, 1, 1, 1))
    return float(
        stabilized.attempt(lambda y: z * y, y, z * y, np.ones(1), np.array([s]))[0, 0, 0, 0]
    )


def test_three_stages_are_those_of_the_paper():
    # T_3 = 4 x^3 - 3 x and T_2 = 2 x^2 - 1 by hand
    x = 1 + DAMPING / 9
    T2, dT2, ddT2, dT3, ddT3 = 2 * x * x - 1, 4 * x, 4.0, 12 * x * x - 3, 24 * x
    b2, b3, w1 = ddT2 / dT2**2, ddT3 / dT3**2, dT3 / ddT3
    first, rows = scheme(3)
    assert first == pytest.approx(b2 * w1, rel=1e-14)
    mu, nu, mu_tilde = 2 * x * b3 / b2, -b3 / b2, 2 * w1 * b3 / b2
    expected = (1 - mu - nu, mu, nu, mu_tilde, -(1 - b2 * T2) * mu_tilde)
    np.testing.assert_allclose(rows[1], expected, rtol=1e-13)


@pytest.mark.parametrize("s", [2, 3, 5, 20, 200])
def test_a_step_is_stable_as_far_as_it_says(s):
    reach = STRETCH * (s * s - 1)
    values = [stability_function(s, -z) for z in np.linspace(0.05, 1, 100) * reach]
    assert np.max(np.abs(values)) < 1
    assert abs(stability_function(s, -1.5 * reach)) > 1


@pytest.mark.parametrize("s", [2, 3, 5, 20])
def test_a_step_is_of_order_2(s):
    zs = np.array([-0.1, -0.05, -0.025])
    errors = [abs(stability_function(s, z) - np.exp(z)) for z in zs]
    slopes = np.diff(np.log(errors)) / np.diff(np.log(-zs))
    np.testing.assert_allclose(slopes, 3, atol=0.1)  # of the local error


def pendulum(y):
    return np.array([y[1], -np.sin(y[0]) - 0.1 * y[1]])


@pytest.mark.parametrize("s", [2, 5])
def test_convergence_is_of_order_2_on_a_nonlinear_problem(s):
    exact = solve_ivp(lambda t, y: pendulum(y), (0, 4), [1, 0], rtol=1e-12, atol=1e-12).y[:, -1]
    errors = []
    for steps in (50, 100, 200, 400):
        y, h, many = np.array([[[[1.0, 0.0]]]]), np.array([4 / steps]), np.array([s])
        for _ in range(steps):
            y = stabilized.attempt(rows(pendulum), y, rows(pendulum)(y), h, many)
        errors.append(np.abs(y.ravel() - exact).max())
    slopes = -np.diff(np.log2(errors))
    np.testing.assert_allclose(slopes, 2, atol=0.1)


def test_a_smaller_tolerance_brings_the_solution_closer():
    exact = solve_ivp(lambda t, y: pendulum(y), (0, 4), [1, 0], rtol=1e-12, atol=1e-12).y[:, -1]
    errors = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        y = end(pendulum, [1.0, 0.0], 4.0, lambda y: 1.1, tolerance, tolerance)[1]
        errors.append(np.abs(y - exact).max())
    # errors are of the power 2/3 of the tolerance: a factor of 20 each
    assert errors[1] < errors[0] / 10
    assert errors[2] < errors[1] / 10
    assert errors[2] < 1e-5


def test_a_stiff_linear_system_costs_few_evaluations():
    # heat conduction: a smooth start, spectral radius times time 1e4
    n = 50
    k = np.arange(1, n + 1)
    matrix = np.diag(-2.0 * np.ones(n)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    radius = 4.0
    start = np.sin(np.pi * k / (n + 1)) + 0.1 * np.sin(20 * np.pi * k / (n + 1))
    velocity = Counted(lambda y: matrix @ y)
    y = end(velocity, start, 1e4 / radius, lambda y: radius, 1e-4, 1e-4)[1]
    values, vectors = np.linalg.eigh(matrix)
    exact = vectors @ (np.exp(values * 1e4 / radius) * (vectors.T @ start))
    np.testing.assert_allclose(y, exact, atol=1e-3)
    assert velocity.calls < 1200  # order 8 takes at least 1e4 / 6.5 * 12 of them: 18 000


def gradient_flow(y):
    # -grad of a stiff valley: (y1 - y0^2)^2 * 1e4 / 2 + log(1 + exp(-y0))
    off = 1e4 * (y[1] - y[0] ** 2)
    return np.array([2 * y[0] * off + 1 / (1 + np.exp(y[0])), -off])


def gradient_flow_radius(y):
    off = 1e4 * (y[1] - y[0] ** 2)
    hessian = np.array([[4e4 * y[0] ** 2 - 2 * off, -2e4 * y[0]], [-2e4 * y[0], 1e4]])
    return 1.1 * np.abs(np.linalg.eigvalsh(hessian)).max()


@pytest.mark.slow
def test_a_stiff_nonlinear_gradient_flow_agrees_with_radau():
    start, last = np.array([0.1, 0.5]), 10.0
    exact = solve_ivp(
        lambda t, y: gradient_flow(y), (0, last), start, "Radau", rtol=1e-10, atol=1e-12
    ).y[:, -1]
    velocity = Counted(gradient_flow)
    y = end(velocity, start, last, gradient_flow_radius, 1e-6, 1e-6, 1e-5)[1]
    np.testing.assert_allclose(y, exact, rtol=1e-4)
    assert velocity.calls < 30_000  # rho t is 1e5 to 4e5


def test_dense_output_is_as_good_as_the_steps():
    fine = solve_ivp(
        lambda t, y: pendulum(y), (0, 4), [1, 0], rtol=1e-12, atol=1e-12, dense_output=True
    ).sol
    one = np.zeros(1, int)
    for t0, t1, before, after, (y, terms) in steps(
        pendulum, [1.0, 0.0], 4.0, lambda y: 1.1, 1e-7, 1e-7
    ):
        values = [at(y, terms, one, np.array([x])).ravel() for x in (0, 0.25, 0.5, 0.75, 1)]
        np.testing.assert_allclose(values[0], before, rtol=1e-15)
        np.testing.assert_allclose(values[-1], after, atol=1e-14)
        for part, value in zip((0.25, 0.5, 0.75), values[1:-1], strict=True):
            np.testing.assert_allclose(value, fine(t0 + part * (t1 - t0)), atol=1e-4)
    t0, t1, _, _, (y, terms) = next(
        steps(lambda y: np.array([1.0, 3 * y[0] ** 2]), [0.0, 0.0], 2.0, lambda y: 1.0)
    )
    t = t0 + 0.3 * (t1 - t0)
    assert at(y, terms, one, np.array([0.3])).ravel()[0] == pytest.approx(t)


@pytest.mark.parametrize("last", [1.0, 0.1 + 0.2, 1e13])
def test_the_clock_ends_exactly_at_its_bound(last):
    t, y = end(lambda y: -y / last, [1.0], last, lambda y: 1 / last, first_step=last / 7)
    assert t == last
    assert y[0] == pytest.approx(np.exp(-1), rel=1e-3)


def test_an_explosion_ends_without_a_warning():
    t, _ = end(lambda y: y**2, [1.0], 2.0, lambda y: 2 * abs(y[0]))
    assert t == pytest.approx(1, rel=1e-3)


def test_a_wild_first_step_is_shortened():
    y = end(lambda y: -(y**3), [1.0], 1e6, lambda y: 3 * y[0] ** 2, first_step=1e6)[1]
    assert y[0] == pytest.approx((1 + 2e6) ** -0.5, rel=1e-2)


def test_nothing_that_moves_is_no_trouble():
    taken = list(steps(np.zeros_like, [1.0, 2.0], 1e20, lambda y: 0.0))
    assert len(taken) < 40
    assert taken[-1][3].tolist() == [1.0, 2.0]


def test_rows_of_any_stages_take_the_steps_they_would_take_alone():
    rng = np.random.default_rng(0)
    y, rate = rng.normal(size=(6, 1, 2, 3)), rng.uniform(0.5, 2, size=(6, 1, 2, 3))
    s, h = np.array([40, 17, 17, 3, 2, 2]), rng.uniform(0.1, 1, 6)

    def velocity(y, rate=rate):
        return -rate[: len(y)] * y**3

    together = stabilized.attempt(velocity, y, velocity(y), h, s)
    for i in range(6):
        own = slice(i, i + 1)

        def alone(y, own=own):
            return velocity(y, rate[own])

        after = stabilized.attempt(alone, y[own], alone(y[own]), h[own], s[own])
        np.testing.assert_array_equal(after, together[own])


def test_a_step_too_long_for_any_number_of_stages_is_cut():
    h, s = stabilized.stages(np.array([1e9, 1.0, 1.0]), np.array([1.0, 0.0, 100.0]))
    assert s.tolist() == [MOST_STAGES, 2, 1 + int(np.sqrt(1 + 100 / STRETCH))]
    assert h.tolist() == [pytest.approx(STRETCH * (MOST_STAGES**2 - 1)), 1.0, 1.0]


def test_rows_with_many_more_stages_than_the_rest_wait():
    s = np.array([3, 200, 4, 3])
    assert s[stabilized.company(s)].tolist() == [4, 3, 3]
    assert s[stabilized.company(s[[1]])].tolist() == [3]
    alike = np.array([9, 10, 10, 8])
    assert alike[stabilized.company(alike)].tolist() == [10, 10, 9, 8]


def jacobian(systems, z):
    change = systems.linearized(z)[2]
    size = systems.initial[0].size
    units = np.eye(size).reshape(size, 1, *systems.initial.shape[1:])
    return np.array([change(systems.products(unit)).ravel() for unit in units]).T


@pytest.mark.parametrize("q", [2, 2.5, 3])
def test_the_spectral_radius_is_that_of_the_jacobian(q):
    problem = Problem.theorem_regime(1000, 8, 3, 2, 0.5, q=q)
    many = stack([build(problem, seed) for seed in (1, 2, 3)])
    for seed in range(5):
        c = np.random.default_rng(seed).normal(size=many.initial.shape)
        z = many.pre_activations(c)
        radii = many.spectral_radius(z)
        for i in range(3):
            own = slice(i, i + 1)
            right = np.abs(np.linalg.eigvals(jacobian(many.take(own), z[own]))).max()
            assert 0.9 * right < radii[i] < 1.0001 * right
            assert radii[i] == many.take(own).spectral_radius(z[own])[0]


def test_what_does_not_move_has_no_spectral_radius():
    one = stack([build(Problem.theorem_regime(1000, 8, 3, 2, 0.5), 1)])
    assert one.spectral_radius(-np.ones(one.initial.shape)) == 0
