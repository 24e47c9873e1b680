"""Many small runs at once: exact descent of a whole batch in every NumPy call.

A step of a small network is a dozen NumPy calls on arrays so small that calling takes longer than
computing. Runs of one shape are therefore stacked along a leading axis, R of them, and stepped
together; each leaves the stack when it ends. The steps are those of :mod:`sims.gram`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arrays import Floats, Integers
from sims.descent import HELD_UP_REASON, LOOK, Ending, held_up, largest_pre_activation
from sims.gram import build
from sims.memory import check_memory
from sims.network import activation, activation_slope
from sims.problem import Problem
from sims.recorder import Recorder
from sims.simulate import EXACT_STEPS, TARGET_LOSS, check_arguments, choose_engine, simulate
from sims.system import CoefficientSystem
from sims.trajectory import Trajectory

LARGEST_BATCH_BYTES = 2e7  # Gram matrices of one batch: larger ones leave the caches
LARGEST_BATCH = 64


def simulate_many(
    problems: Sequence[Problem],
    seeds: Sequence[int],
    target_loss: float = TARGET_LOSS,
    *,
    max_steps: float | None = None,
) -> list[Trajectory]:
    """Train many networks, one for each pair of problem and seed.

    Parameters
    ----------
    problems : sequence of Problem
        What to run.
    seeds : sequence of int
        One seed for each problem.
    target_loss : float, default 0.05
        As in :func:`sims.simulate`.
    max_steps : float, optional
        As in :func:`sims.simulate`.

    Returns
    -------
    list of Trajectory
        The runs, in order, equal to those of :func:`sims.simulate` with its engine "auto" up to
        rounding. Runs for which that is "gram" are batched, the others are run one by one.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or the two sequences differ in length.
    """
    if len(problems) != len(seeds):
        raise ValueError(f"seeds must be as many as problems, {len(problems)}, got {len(seeds)}")
    for problem, seed in zip(problems, seeds, strict=True):
        check_arguments(problem, seed, "auto", target_loss, max_steps, 1e-5, 0.0, 1)
        check_memory(problem, choose_engine(problem))
    seeds, target_loss = [int(seed) for seed in seeds], float(target_loss)
    runs: dict[int, Trajectory] = {}
    for batch in _batches(problems):
        if len(batch) == 1:
            (index,) = batch
            runs[index] = simulate(
                problems[index], seeds[index], "auto", target_loss, max_steps=max_steps
            )
            continue
        with threadpool_limits(1, user_api="blas"):
            systems = [build(problems[index], seeds[index]) for index in batch]
            trained = _train(systems, target_loss, EXACT_STEPS if max_steps is None else max_steps)
        runs.update(zip(batch, trained, strict=True))
    return [runs[index] for index in range(len(problems))]


def _batches(problems: Sequence[Problem]) -> list[list[int]]:
    """Group the runs that can be stacked; every other run is a group of its own."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, problem in enumerate(problems):
        stackable = choose_engine(problem) == "gram"
        shape = (problem.K, problem.m, problem.n, problem.q) if stackable else ("alone", index)
        alike.setdefault(shape, []).append(index)
    batches = []
    for members in alike.values():
        first = problems[members[0]]
        gram_bytes = 8 * first.K * first.m * (first.n + first.K) ** 2
        size = int(min(max(LARGEST_BATCH_BYTES // gram_bytes, 1), LARGEST_BATCH))
        batches += [members[start : start + size] for start in range(0, len(members), size)]
    return batches


def _train(
    systems: Sequence[CoefficientSystem], target_loss: float, max_steps: float
) -> list[Trajectory]:
    """Step a batch until every run has ended."""
    endings: dict[int, Ending] = {}
    recorders = [Recorder() for _ in systems]
    stack = _Stack(systems, list(range(len(systems))))
    step = 0
    while stack.members:
        losses, updates = stack.losses_and_updates()
        over = []
        for place, member in enumerate(stack.members):
            ending = _ending(step, float(losses[place]), target_loss, max_steps)
            c = stack.c[place]
            if ending is None and step % LOOK == 0:
                ending = _held_up(systems[member], c, step, float(losses[place]), target_loss)
            if ending is None and np.array_equal(c, c + updates[place]):
                reason = f"no weight changes any more after step {step}"
                ending = Ending("stalled", reason, step, 0.0)
            if ending is not None:
                endings[member] = ending
                over.append(place)
            recorded = ending is None or ending.status != "diverged"
            moved = recorders[member].moved(float(losses[place]))
            if recorded and (recorders[member].due(step) or moved or ending is not None):
                loss, system = float(losses[place]), systems[member]
                norm2 = system.step_norm2(updates[place]) / system.draw.problem.eta**2
                recorders[member].record(step, loss, norm2, system.coefficients(c))
            elif not recorded and step == 0:
                recorders[member].record(0.0, np.inf, np.nan, systems[member].coefficients(c))
        if over:
            stack, updates = stack.without(over), np.delete(updates, over, axis=0)
        if stack.members:
            stack.c += updates
        step += 1
    return [
        _trajectory(system, endings[member], target_loss, recorders[member])
        for member, system in enumerate(systems)
    ]


def _ending(step: int, loss: float, target_loss: float, max_steps: float) -> Ending | None:
    if not np.isfinite(loss):
        return Ending("diverged", f"the logits left all bounds at step {step}", step, loss)
    if target_loss > 0 and loss <= target_loss:
        return Ending("reached", f"the loss reached {target_loss:g} at step {step}", step, loss)
    if step >= max_steps:
        return Ending("max-steps", f"the loss was still {loss:.4g} after {step} steps", step, loss)
    return None


def _held_up(
    system: CoefficientSystem, c: Floats, step: int, loss: float, target_loss: float
) -> Ending | None:
    floor = system.loss_floor(system.pre_activations(c))
    if held_up(floor, loss, target_loss):
        return Ending("stalled", HELD_UP_REASON.format(loss), step, loss)
    return None


def _trajectory(
    system: CoefficientSystem, ending: Ending, target_loss: float, recorder: Recorder
) -> Trajectory:
    return Trajectory(
        system.draw,
        "gram",
        target_loss,
        ending.status,
        ending.reason,
        time_error=0.0,
        threads=1,
        **recorder.arrays(),
    )


class _Stack:
    """The runs of a batch that are still going, stacked along a leading axis of length R.

    Attributes
    ----------
    members : list of int
        Which runs of the batch these are.
    c : (R, K, m, N) array
        Their coefficients.
    """

    def __init__(
        self, systems: Sequence[CoefficientSystem], members: list[int], c: Floats | None = None
    ) -> None:
        chosen = [systems[member] for member in members]
        problems = [system.draw.problem for system in chosen]
        self._systems, self.members = systems, members
        if not chosen:
            return
        self._gram = np.stack([system.gram for system in chosen])
        self._initial = np.stack([system.initial for system in chosen])
        self._labels: Integers = np.stack([system.draw.labels for system in chosen])
        self._one_hot = np.stack([system.one_hot for system in chosen])
        self._rate = np.array([problem.eta / problem.n for problem in problems])[:, None, None]
        self._q, self._K = problems[0].q, problems[0].K
        self._largest = largest_pre_activation(problems[0])
        self.c = np.zeros(self._initial.shape) if c is None else c

    def without(self, over: list[int]) -> _Stack:
        """Return the stack without the runs at some places."""
        kept = np.delete(np.arange(len(self.members)), over)
        return _Stack(self._systems, [self.members[place] for place in kept], self.c[kept])

    def losses_and_updates(self) -> tuple[Floats, Floats]:
        """Return the loss of each run, ``(R,)``, and what one step adds to its coefficients."""
        z = self._initial + np.matmul(self._gram, self.c[..., None])[..., 0]
        highest = z.max(axis=(1, 2, 3))
        inside = highest <= self._largest  # False for NaN too
        if not inside.all():
            z[~inside] = 0.0
        summed = activation(z, self._q).sum(axis=2)
        seen = np.matmul(summed[..., : self._K], self._one_hot.swapaxes(1, 2))
        losses, slopes = self._losses_and_slopes(seen + summed[..., self._K :])
        per_sample = -self._rate * slopes
        pull = np.concatenate([np.matmul(per_sample, self._one_hot), per_sample], axis=2)
        updates = pull[:, :, None, :] * activation_slope(z, self._q)
        return np.where(inside, losses, np.inf), updates

    def _losses_and_slopes(self, logits: Floats) -> tuple[Floats, Floats]:
        """As :func:`sims.gradients.loss_and_slopes`, for logits ``(R, K, n)``."""
        own = self._labels[:, None, :]
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        normalizer = exponentials.sum(axis=1, keepdims=True)
        losses = np.log(normalizer) - np.take_along_axis(shifted, own, axis=1)
        slopes = exponentials / normalizer
        np.put_along_axis(slopes, own, 0.0, axis=1)
        np.put_along_axis(slopes, own, -slopes.sum(axis=1, keepdims=True), axis=1)
        return losses.mean(axis=(1, 2)), slopes
