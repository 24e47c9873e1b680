"""Test loss and test error along a run: when it starts to generalize, not only whether."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sims.arguments import check_count
from sims.arrays import Floats
from sims.frames import library
from sims.population import populations
from sims.trajectory import Trajectory


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """How a run does on fresh data, at some of its recorded steps.

    Attributes
    ----------
    run : Trajectory
        The run.
    steps : (S,) array
        The steps, the first and the last of the run among them.
    loss : (S,) array
        Training loss L_S there.
    test_loss, test_error : (S,) array
        L_D, and the probability of a wrong label, as :func:`sims.population` has them.
    test_loss_se, test_error_se : (S,) array
        Standard errors of the two.
    """

    run: Trajectory
    steps: Floats
    loss: Floats
    test_loss: Floats
    test_error: Floats
    test_loss_se: Floats
    test_error_se: Floats

    def __repr__(self) -> str:
        """Return one line."""
        return (
            f"<LearningCurve: test error {self.test_error[0]:.3g} at the start, "
            f"{self.test_error[-1]:.3g} at step {self.steps[-1]:g}; {len(self.steps)} steps, "
            f"seed {self.run.seed}; {self.run.problem.letters}>"
        )

    def to_frame(self) -> Any:
        """Return the curve as a data frame; an ImportError without the extra ``frames``.

        Returns
        -------
        pandas.DataFrame
            A row for each step, which is the index; losses, test error and standard errors.
        """
        pandas = library("pandas")
        names = ("loss", "test_loss", "test_error", "test_loss_se", "test_error_se")
        columns = {name: getattr(self, name) for name in names}
        return pandas.DataFrame(columns, index=pandas.Index(self.steps, name="step"))


def learning_curve(run: Trajectory, most: int = 40, seed: int = 0) -> LearningCurve:
    """Integrate the loss over fresh data at recorded steps of a run (Theory, section 3).

    Parameters
    ----------
    run : Trajectory
        The run. Each step takes a pass over its random streams, as :func:`sims.population` does.
    most : int, default 40
        How many of the recorded steps at most, at least 2: evenly in their order, first and last
        included.
    seed : int, default 0
        Seed of the test points, the same at every step.

    Returns
    -------
    LearningCurve
        Steps, losses and test errors; its last point is what :func:`sims.population` returns.

    Raises
    ------
    ValueError
        If the run diverged, or an argument is outside its domain.
    """
    check_count("most", most, 2)
    count = min(most, len(run.steps))
    chosen = np.unique(np.linspace(0, len(run.steps) - 1, count).round().astype(int))
    tests = populations((_until(run, index) for index in chosen), seed)
    names = ("test_loss", "test_error", "test_loss_se", "test_error_se")
    columns = {name: np.array([getattr(one, name) for one in tests]) for name in names}
    return LearningCurve(run, run.steps[chosen], run.loss[chosen], **columns)


def _until(run: Trajectory, index: int) -> Trajectory:
    """Return a run as it stood at one of its recorded steps."""
    recorded = ("steps", "loss", "gradient_norm2", "gamma", "rho")
    return replace(run, **{name: getattr(run, name)[: index + 1] for name in recorded})
