"""The recursion of descent in coefficient space, for one run and for a stack of R runs.

Descent never leaves the span of the initial weights and the masked signals and noises,

    w~_{j,r} = w~_{j,r}^{(0)} + sum_v c_{j,r,v} v * m_{j,r},     v = mu_1, .., mu_K, xi_1, .., xi_n

so the pre-activations of a neuron are ``z = z^{(0)} + A c`` with A its masked Gram matrix, and a
step of descent changes c alone (Theory, section 5). Everywhere below N = K + n counts the signals
first and the noises after them, and arrays of a stack have a leading axis of length R.

No number of one run may depend on another's, to the bit: products with matrices are one BLAS call
a run, of one shape and memory order, and sums never run over the leading axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sims.arrays import Floats, Integers
from sims.descent import largest_pre_activation
from sims.draw import Draw
from sims.network import activation_and_slope, activation_curvature

MOST_POWER_ITERATIONS = 50  # from 3 to 10 are usual: few modes are fast, and far apart
POWER_TOLERANCE = 1e-2  # the power iteration ends where the radius changes less than that
Change = Callable[[Floats], Floats]
STACKED = (
    "gram",
    "initial",
    "norm2",
    "own",
    "other",
    "patches",
    "spread",
    "eta",
)  # fields with a row a run


@dataclass(frozen=True, eq=False)
class CoefficientSystem:
    """Gradient descent of one run as a recursion in the coefficients c, ``(K, m, N)``.

    Attributes
    ----------
    draw : Draw
        Where the run starts.
    gram : (K, m, N, N) array
        Masked Gram matrices ``V diag(m_{j,r}) V^T``, V the signals and noises; unit X^2.
    """

    draw: Draw
    gram: Floats

    @cached_property
    def initial(self) -> Floats:
        """Initial pre-activations on signals and noises, ``(K, m, N)``, no unit."""
        return np.concatenate([self.draw.initial_signal, self.draw.initial_noise], axis=2)


def stack(systems: Sequence[CoefficientSystem]) -> Systems:
    """Stack the recursions of runs of one shape."""
    rows = [_row(system) for system in systems]
    if len(rows) == 1:  # its matrices may be large: they are not copied
        fields = {name: rows[0][name][None] for name in STACKED}
    else:
        fields = {name: np.stack([row[name] for row in rows]) for name in STACKED}
    problem = systems[0].draw.problem
    return Systems(
        **fields,
        q=problem.q,
        largest=largest_pre_activation(problem),
        neurons=np.ones((1, problem.m)),
    )


def _row(system: CoefficientSystem) -> dict[str, Floats]:
    """Return the fields of one run, without the leading axis."""
    problem, gram = system.draw.problem, system.gram
    one_hot = np.eye(problem.K)[system.draw.labels].T
    patches = np.concatenate([np.eye(problem.K)[system.draw.classes].T, np.eye(problem.n)])
    return {
        # nothing is pruned: all neurons have the same matrix
        "gram": np.ascontiguousarray(gram[0, 0] if problem.p == 1.0 else gram),
        "initial": system.initial,
        "norm2": np.einsum("jrvv->jrv", gram).copy(),
        "own": np.ascontiguousarray(one_hot),
        "other": np.ascontiguousarray(1.0 - one_hot),
        "patches": patches,
        "spread": (-problem.eta / problem.n) * np.ascontiguousarray(patches.T),
        "eta": np.array(problem.eta),
    }


@dataclass(frozen=True, eq=False)
class Systems:
    """The recursions of R runs of one shape.

    Attributes
    ----------
    gram : (R, K, m, N, N) array, or (R, N, N) where nothing is pruned
        Masked Gram matrices, unit X^2.
    initial : (R, K, m, N) array
        Initial pre-activations on signals and noises, no unit.
    norm2 : (R, K, m, N) array
        Squared masked norms of signals and noises, unit X^2.
    own, other : (R, K, n) arrays
        1 where class k is the label of sample i, and 1 elsewhere.
    patches : (R, N, n) array
        1 where vector v is a patch of sample i.
    spread : (R, n, N) array
        ``-(eta/n)`` times the transposed patches, unit 1/X^2.
    eta : (R,) array
        Learning rates, unit 1/X^2.
    q : float
        Power of the activation.
    largest : float
        The pre-activation from which on a run has diverged.
    neurons : (1, m) array
        Ones: a product with them sums over neurons.
    views : dict
        What :meth:`first` has returned.
    """

    gram: Floats
    initial: Floats
    norm2: Floats
    own: Floats
    other: Floats
    patches: Floats
    spread: Floats
    eta: Floats
    q: float
    largest: float
    neurons: Floats
    views: dict[int, Systems] = field(default_factory=dict, init=False)

    def take(self, rows: Integers | slice) -> Systems:
        """Return the stack of some rows: a copy, or a view where rows is a slice."""
        fields = {name: getattr(self, name)[rows] for name in STACKED}
        return replace(self, **fields)

    def first(self, count: int) -> Systems:
        """Return the stack of the first rows, as views."""
        if count == len(self.eta):
            return self
        if count not in self.views:
            self.views[count] = self.take(slice(0, count))
        return self.views[count]

    def put(self, row: int, system: CoefficientSystem) -> None:
        """Give a row to another run."""
        for name, value in _row(system).items():
            getattr(self, name)[row] = value

    def products(self, c: Floats) -> Floats:
        """Return ``A c``, what coefficients c add to the pre-activations, ``(R, K, m, N)``."""
        if self.gram.ndim == 3:
            R, K, m, N = c.shape
            return np.matmul(c.reshape(R, K * m, N), self.gram).reshape(c.shape)
        return np.matmul(c[..., None, :], self.gram)[..., 0, :]  # A is symmetric

    def pre_activations(self, c: Floats) -> Floats:
        """Return ``z = z^{(0)} + A c``, ``(R, K, m, N)``."""
        z = self.products(c)
        z += self.initial
        return z

    def logits(self, responses: Floats) -> Floats:
        """Sum responses ``(R, K, m, N)`` over neurons and patches into ``F_j(x_i)``, (R, K, n)."""
        return np.matmul(np.matmul(self.neurons, responses)[:, :, 0], self.patches)

    def pull(self, slopes: Floats) -> Floats:
        """Spread ``-(eta/n) l'``, (R, K, n), to signals and noises: (R, K, 1, N), unit 1/X^2."""
        return np.matmul(slopes, self.spread)[:, :, None, :]

    def softmax(self, logits: Floats) -> tuple[Floats, Floats, Floats]:
        """Return logits less the largest, ``exp`` of these over their sum, and that sum."""
        shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
        softmax = np.exp(shifted)
        normalizer = np.add.reduce(softmax, axis=1, keepdims=True)
        softmax /= normalizer
        return shifted, softmax, normalizer

    def losses(self, shifted: Floats, normalizer: Floats) -> Floats:
        """Return the mean cross-entropy of each run, (R,), from what :meth:`softmax` returns."""
        own = np.add.reduce(shifted * self.own, axis=1)
        lost = np.log(normalizer[:, 0])
        lost -= own
        return np.add.reduce(lost, axis=1) / lost.shape[1]

    def slopes(self, softmax: Floats) -> Floats:
        """Return ``l'`` as :func:`sims.gradients.loss_and_slopes` does, with all its digits."""
        slopes = softmax * self.other
        slopes -= self.own * np.add.reduce(slopes, axis=1, keepdims=True)
        return slopes

    def update(self, z: Floats) -> Floats:
        """Return the update f that one step adds to c, at pre-activations z."""
        response, slope = activation_and_slope(z, self.q)
        slope *= self.pull(self.slopes(self.softmax(self.logits(response))[1]))
        return slope

    def losses_and_update(self, z: Floats) -> tuple[Floats, Floats]:
        """Return the losses at pre-activations z and the update f that one step adds to c."""
        response, slope = activation_and_slope(z, self.q)
        shifted, softmax, normalizer = self.softmax(self.logits(response))
        slope *= self.pull(self.slopes(softmax))
        return self.losses(shifted, normalizer), slope

    def linearized(self, z: Floats) -> tuple[Callable[[], Floats], Floats, Change]:
        r"""Return what tells the losses, the update f, and how f changes when z changes by dz.

        Told dz of the first rows alone, the last answers for these.

        ``d sigma' = sigma''(z) dz``, ``dF = sum sigma'(z) dz`` and
        ``dl'_j = s_j (dF_j - sum_k s_k dF_k)``, s the softmax.
        """
        response, slope = activation_and_slope(z, self.q)
        shifted, softmax, normalizer = self.softmax(self.logits(response))
        pull = self.pull(self.slopes(softmax))

        def change(dz: Floats) -> Floats:
            R = len(dz)
            here, share = self.first(R), softmax[:R]
            dF = here.logits(slope[:R] * dz)
            dF -= np.add.reduce(share * dF, axis=1, keepdims=True)
            dF *= share
            result: Floats = here.pull(dF) * slope[:R]
            bend = activation_curvature(z[:R], self.q)
            bend *= pull[:R]
            bend *= dz
            result += bend
            return result

        return lambda: self.losses(shifted, normalizer), pull * slope, change

    def spectral_radius(self, z: Floats) -> Floats:
        """Return the spectral radius of df/dc, (R,), by power iteration from f.

        ``df/dc = (df/dz) A`` is symmetric in the metric of the Gram matrices A, because f descends
        a loss in that metric: the iterates' sizes rise to the radius, and a few are enough.
        """
        _, image, change = self.linearized(z)
        size, going = np.zeros(len(z)), np.ones(len(z), bool)
        for iteration in range(MOST_POWER_ITERATIONS):
            dz = self.products(image)
            before = size
            size = np.where(going, np.sqrt(np.maximum(row_sums(image * dz), 0.0)), size)
            going &= size > 0
            if iteration > 3:
                going &= size - before >= POWER_TOLERANCE * size
            if not going.any():
                break
            image = change(dz / per_row(np.where(size > 0, size, 1.0)))
        return size

    def loss_floors(self, z: Floats) -> Floats:
        """Return the losses below which samples that are unresponsive at z cannot let them fall."""
        answers = self.logits(np.maximum(z, 0.0))
        answers *= self.own
        unresponsive = answers.sum(axis=1) == 0
        return unresponsive.sum(axis=1) * np.log(self.own.shape[1]) / self.own.shape[2]

    def gradient_norm2(self, f: Floats) -> Floats:
        """Return the squared norm of the gradient, (R,), unit X^2, from the update f.

        A step moves the weights by ``-eta grad``, whose squared norm is ``f^T A f``.
        """
        return row_sums(f * self.products(f)) / (self.eta * self.eta)


def row_sums(array: Floats) -> Floats:
    """Sum each row, whatever its shape: (R,)."""
    return np.add.reduce(array.reshape(len(array), -1), axis=1)


def per_row(values: NDArray[Any]) -> NDArray[Any]:
    """Give one number a row the shape ``(R, 1, 1, 1)``."""
    return values[:, None, None, None]
