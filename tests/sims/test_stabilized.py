import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sims import Problem
from sims.flow import Flow, FlowSettings
from sims.gram import build
from sims.integrator import Integrator
from sims.stabilized import DAMPING, STRETCH, Stabilized, scheme


class Counted:
    """A velocity that counts its evaluations."""

    def __init__(self, velocity):
        self.velocity, self.calls = velocity, 0

    def __call__(self, y):
        self.calls += 1
        return self.velocity(y)


def stabilized(velocity, y, t_bound, radius, rtol=1e-6, atol=1e-6, first_step=1e-3):
    y = np.asarray(y, float)
    atol = np.full(y.shape, atol)
    return Stabilized(velocity, 0.0, y, t_bound, radius, first_step, rtol, atol)


def run(solver):
    steps = 0
    while solver.status == "running":
        assert solver.step() is None
        steps += 1
    return steps


def stability_function(s, z):
    """One step of length 1 on ``dy/dt = z y``, from y = 1, without error control."""
    y = np.array([1.0])
    solver = stabilized(lambda y: z * y, y, 1.0, lambda y: abs(z))
    return float(solver._attempt(1.0, s)[0][0])


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
        solver = stabilized(pendulum, [1.0, 0.0], 4.0, lambda y: 1.0)
        for _ in range(steps):
            solver.y, solver._f = solver._attempt(4 / steps, s)
        errors.append(np.abs(solver.y - exact).max())
    slopes = -np.diff(np.log2(errors))
    np.testing.assert_allclose(slopes, 2, atol=0.1)


def test_a_smaller_tolerance_brings_the_solution_closer():
    exact = solve_ivp(lambda t, y: pendulum(y), (0, 4), [1, 0], rtol=1e-12, atol=1e-12).y[:, -1]
    errors = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        solver = stabilized(pendulum, [1.0, 0.0], 4.0, lambda y: 1.1, tolerance, tolerance)
        run(solver)
        errors.append(np.abs(solver.y - exact).max())
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
    solver = stabilized(velocity, start, 1e4 / radius, lambda y: radius, 1e-4, 1e-4)
    run(solver)
    values, vectors = np.linalg.eigh(matrix)
    exact = vectors @ (np.exp(values * 1e4 / radius) * (vectors.T @ start))
    np.testing.assert_allclose(solver.y, exact, atol=1e-3)
    assert velocity.calls < 1200  # order 8 takes at least 1e4 / 6.5 * 12 of them: 18 000
    assert solver.nfev == velocity.calls


def gradient_flow(y):
    # -grad of a stiff valley: (y1 - y0^2)^2 * 1e4 / 2 + log(1 + exp(-y0))
    off = 1e4 * (y[1] - y[0] ** 2)
    return np.array([2 * y[0] * off + 1 / (1 + np.exp(y[0])), -off])


def gradient_flow_radius(y):
    off = 1e4 * (y[1] - y[0] ** 2)
    hessian = np.array([[4e4 * y[0] ** 2 - 2 * off, -2e4 * y[0]], [-2e4 * y[0], 1e4]])
    return 1.1 * np.abs(np.linalg.eigvalsh(hessian)).max()


def test_a_stiff_nonlinear_gradient_flow_agrees_with_radau():
    start, end = np.array([0.1, 0.5]), 10.0
    exact = solve_ivp(
        lambda t, y: gradient_flow(y), (0, end), start, "Radau", rtol=1e-10, atol=1e-12
    ).y[:, -1]
    velocity = Counted(gradient_flow)
    solver = stabilized(velocity, start, end, gradient_flow_radius, 1e-6, 1e-6, 1e-5)
    run(solver)
    np.testing.assert_allclose(solver.y, exact, rtol=1e-4)
    assert velocity.calls < 30_000  # rho t is 1e5 to 4e5


def test_dense_output_is_as_good_as_the_steps():
    fine = solve_ivp(
        lambda t, y: pendulum(y), (0, 4), [1, 0], rtol=1e-12, atol=1e-12, dense_output=True
    ).sol
    solver = stabilized(pendulum, [1.0, 0.0], 4.0, lambda y: 1.1, 1e-7, 1e-7)
    while solver.status == "running":
        before = solver.y
        solver.step()
        path = solver.dense_output()
        np.testing.assert_allclose(path(solver.t_old), before, rtol=1e-15)
        np.testing.assert_allclose(path(solver.t), solver.y, atol=1e-14)
        assert solver.step_size == pytest.approx(solver.t - solver.t_old)
        for part in (0.25, 0.5, 0.75):
            t = solver.t_old + part * solver.step_size
            np.testing.assert_allclose(path(t), fine(t), atol=1e-4)
    cubic = stabilized(lambda y: np.array([1.0, 3 * y[0] ** 2]), [0.0, 0.0], 2.0, lambda y: 1.0)
    cubic.step()
    t = cubic.t_old + 0.3 * cubic.step_size
    assert cubic.dense_output()(t)[0] == pytest.approx(t)


@pytest.mark.parametrize("end", [1.0, 0.1 + 0.2, 1e13])
def test_the_clock_ends_exactly_at_its_bound(end):
    solver = stabilized(lambda y: -y / end, [1.0], end, lambda y: 1 / end, first_step=end / 7)
    run(solver)
    assert (solver.status, solver.t) == ("finished", end)
    assert solver.y[0] == pytest.approx(np.exp(-1), rel=1e-3)


def test_an_explosion_fails_without_a_warning():
    solver = stabilized(lambda y: y**2, [1.0], 2.0, lambda y: 2 * abs(y[0]))
    run(solver)
    assert solver.status == "failed"
    assert solver.t == pytest.approx(1, rel=1e-3)


def test_a_wild_first_step_is_shortened():
    with np.errstate(all="raise", under="ignore"):
        solver = stabilized(lambda y: -(y**3), [1.0], 1e6, lambda y: 3 * y[0] ** 2, first_step=1e6)
        run(solver)
    assert solver.y[0] == pytest.approx((1 + 2e6) ** -0.5, rel=1e-2)


def test_nothing_that_moves_is_no_trouble():
    solver = stabilized(np.zeros_like, [1.0, 2.0], 1e20, lambda y: 0.0)
    assert run(solver) < 40
    assert solver.y.tolist() == [1.0, 2.0]


def test_the_integrator_takes_the_method_that_suits():
    # a plateau with a stiff mode, then z grows through many e-folds
    def velocity(y):
        z, w = y
        return np.array([z * z, -1e4 * (w - z)])

    def radius(y):
        return 1e4 + abs(2 * y[0])

    counted = Counted(velocity)
    start, end = np.array([1e-2, 0.0]), 100 - 1e-2
    solver = Integrator(counted, radius, start, end, 1e-5, np.full(2, 1e-6))
    methods = []
    while solver.status == "running":
        solver.step()
        methods.append(type(solver._solver).__name__)
    assert (solver.status, solver.t) == ("finished", end)
    assert methods[0] == methods[-1] == "DOP853"
    assert methods.count("Stabilized") > len(methods) / 4
    assert 1 / solver.y[0] == pytest.approx(1e-2, abs=1e-5 * 100)  # z = 1 / (100 - t)
    assert counted.calls < 0.2 * 12 * 1e6 / 6.5


def test_the_integrator_hides_its_changes():
    def velocity(y):
        return np.array([1.0, -1e3 * (y[1] - np.sin(y[0]))])

    solver = Integrator(velocity, lambda y: 1e3, np.zeros(2), 10.0, 1e-4, np.ones(2))
    methods, t, y = set(), 0.0, np.zeros(2)
    while solver.status == "running":
        solver.step()
        methods.add(type(solver._solver).__name__)
        assert solver.t_old == t
        assert solver.step_size == pytest.approx(solver.t - t)
        np.testing.assert_array_equal(solver.dense_output()(t), y)
        t, y = solver.t, solver.y.copy()
        assert y[0] == pytest.approx(t, rel=1e-12)
        if t > 0.1:
            assert y[1] == pytest.approx(np.sin(t), abs=2e-3)
    assert methods == {"DOP853", "Stabilized"}


def jacobian(system, z):
    change = system.linearized(z)[2]
    size = system.initial.size
    units = np.eye(size).reshape(size, *system.initial.shape)
    return np.array([change(system.products(unit)).ravel() for unit in units]).T


@pytest.mark.parametrize("q", [2, 2.5, 3])
def test_the_spectral_radius_is_that_of_the_jacobian(q):
    system = build(Problem.theorem_regime(1000, 8, 3, 2, 0.5, q=q), 1)
    for seed in range(5):
        c = np.random.default_rng(seed).normal(size=system.initial.shape)
        z = system.initial + system.products(c)
        right = np.abs(np.linalg.eigvals(jacobian(system, z))).max()
        assert 0.9 * right < system.spectral_radius(z) < 1.0001 * right


def test_what_does_not_move_has_no_spectral_radius():
    system = build(Problem.theorem_regime(1000, 8, 3, 2, 0.5), 1)
    assert system.spectral_radius(-np.ones(system.initial.shape)) == 0


def test_the_flow_without_its_correction_is_that_of_the_plain_loss():
    system = build(Problem.theorem_regime(1000, 8, 3, 2, 0.5), 1)
    flow = Flow(system, FlowSettings())
    c = np.random.default_rng(0).normal(size=system.initial.shape)
    _, corrected, half = flow.loss_and_velocity(c)
    np.testing.assert_array_equal(flow.velocity(c.ravel()), corrected.ravel())
    flow.correction_matters = False
    plain = flow.velocity(c.ravel()).reshape(c.shape)
    np.testing.assert_allclose(plain, corrected + half, atol=1e-13 * np.abs(plain).max())
