"""The record of one run: what was measured when, and where it started."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.decomposition import Coefficients, fitted_by_signal, split
from sims.draw import Draw
from sims.draw_file import draw_arrays, read_draw
from sims.event import Event, event_of
from sims.frames import trajectory_dataset, trajectory_frame, trajectory_table
from sims.problem import Problem

FORMAT_VERSION = 1
ABOUT = ("engine", "target_loss", "status", "reason", "time_error", "threads")
OPTIONAL = ("classes", "mask")  # arrays of a draw that some runs have
STATUSES = ("reached", "stalled", "max-steps", "diverged")


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """One run of gradient descent.

    Attributes
    ----------
    draw : Draw
        Where the run started; ``problem``, ``seed``, ``labels`` are read off it.
    engine : str
        The engine that ran: "weights", "gram", "flow" or "gram-law".
    target_loss : float
        The training loss epsilon at which the run was to stop; 0 where it had no target.
    status : str
        "reached" (loss <= target), "stalled" (no step changes anything any more, or samples
        without a responsive neuron hold the loss above its target), "max-steps" (of descent, or of
        the integrator) or "diverged".
    reason : str
        One sentence about how the run ended.
    steps : (T,) array
        Recorded steps, from 0; fractional where the flow leaps. The last is where the run ended.
    loss : (T,) array
        Training loss L_S at those steps.
    gradient_norm2 : (T,) array
        Squared Frobenius norm of grad L_S at those steps, unit X^2.
    gamma : (T, K, m, K) array
        Signal coefficients. No unit.
    rho : (T, K, m, n) array
        Noise coefficients, zeta where j = y_i and omega elsewhere. No unit.
    time_error : float
        Estimated error of the last step count that leaping caused, in steps; 0 for exact engines.
    threads : int
        Threads inside the run, of BLAS or over the slabs of engine "weights"; part of its identity.
    """

    draw: Draw
    engine: str
    target_loss: float
    status: str
    reason: str
    steps: Floats
    loss: Floats
    gradient_norm2: Floats
    gamma: Floats
    rho: Floats
    time_error: float = 0.0
    threads: int = 1

    @property
    def problem(self) -> Problem:
        """The parameters of the run."""
        return self.draw.problem

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.draw.seed

    @property
    def labels(self) -> Integers:
        """The class of each training sample that training sees, ``(n,)``."""
        return self.draw.labels

    @property
    def classes(self) -> Integers:
        """Class of each training sample's signal, ``(n,)``: the labels unless some are wrong."""
        return self.draw.classes

    @property
    def signal_neurons(self) -> Booleans:
        """S_signal as a mask, ``(K, m)``: True where a neuron keeps its own signal."""
        return self.draw.signal_neurons

    @property
    def event(self) -> Event:
        """What the theorems' premises need, from the draw alone."""
        return event_of(self.draw, self.engine)

    @property
    def zeta(self) -> Floats:
        """Noise coefficients on samples labelled as the neuron's class, (T, K, m, n), >= 0."""
        return split(self.rho, self.labels)[0]

    @property
    def omega(self) -> Floats:
        """Noise coefficients on samples with other labels, ``(T, K, m, n)``, <= 0."""
        return split(self.rho, self.labels)[1]

    @property
    def final(self) -> Coefficients:
        """The coefficients at the last recorded step."""
        return Coefficients(self.gamma[-1], self.rho[-1])

    @property
    def fitted_by_signal(self) -> float:
        """Share of training samples fitted by their signal at the end, more than by their noise.

        Of each sample, by :func:`sims.decomposition.fitted_by_signal` (Theory, section 13).
        """
        return float(np.mean(fitted_by_signal(self.final, self.draw)))

    def __repr__(self) -> str:
        """Return one line."""
        return (
            f"<Trajectory: {self.status} at step {self.steps[-1]:g} with loss {self.loss[-1]:.4g}; "
            f"{len(self.steps)} recorded steps, engine {self.engine}, seed {self.seed}; "
            f"{self.problem.letters}>"
        )

    def _repr_html_(self) -> str:
        return trajectory_table(self)

    def to_frame(self) -> Any:
        """Return the run as a data frame; an ImportError without the extra ``frames``.

        Returns
        -------
        pandas.DataFrame
            By ``step``: ``loss``, ``gradient_norm2`` (unit X^2) and the largest coefficients
            ``max_gamma``, ``max_zeta`` and ``max_abs_omega``; problem and seed are its ``attrs``.
        """
        return trajectory_frame(self)

    def to_xarray(self) -> Any:
        """Return the run as labelled arrays; an ImportError without the extra ``frames``.

        Returns
        -------
        xarray.Dataset
            ``loss`` and ``gradient_norm2`` by ``step``, ``gamma`` also by ``class``, ``neuron`` and
            ``signal``, ``zeta`` and ``omega`` by ``class``, ``neuron`` and ``sample``.
        """
        return trajectory_dataset(self)

    def save(self, path: str | Path) -> None:
        """Write the run to a compressed ``.npz`` file.

        Parameters
        ----------
        path : str or Path
            Where to write; the file appears whole or not at all.
        """
        path = Path(path)
        partial = path.with_name(path.name + ".partial")
        try:
            with partial.open("wb") as file:
                self.write(file)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def write(self, file: BinaryIO) -> None:
        """Write the run to an open binary file, in the format of :meth:`save`.

        Parameters
        ----------
        file : binary file
            Where to write; equal runs give equal bytes.
        """
        zeta, omega = split(self.rho, self.labels)
        np.savez_compressed(
            file,
            steps=self.steps,
            loss=self.loss,
            gradient_norm2=self.gradient_norm2,
            gamma=self.gamma,
            zeta=zeta,
            omega=omega,
            signal_neurons=self.signal_neurons,
            about=np.array(json.dumps(self._about())),
            **draw_arrays(self.draw),
        )

    def _about(self) -> dict[str, Any]:
        about = {
            "format_version": FORMAT_VERSION,
            "problem": self.problem.parameters(),
            "seed": self.seed,
            **{name: getattr(self, name) for name in ABOUT},
        }
        return about if self.draw.mask is None else {**about, "mask": self.draw.mask_digest}

    @classmethod
    def load(cls, path: str | Path) -> Trajectory:
        """Read a run written by :meth:`save`.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Trajectory
            The run, with the same arrays to the bit.

        Raises
        ------
        ValueError
            If the file is not a run, or was written by a newer version.
        OSError
            If the file cannot be read.
        """
        with Path(path).open("rb") as file:
            return cls.read(file, str(path))

    @classmethod
    def read(cls, opened: BinaryIO, name: str) -> Trajectory:
        """Read a run from an open binary file.

        Parameters
        ----------
        opened : binary file
            What :meth:`write` wrote.
        name : str
            What to call it where it is no run.

        Returns
        -------
        Trajectory
            As :meth:`load`, which says what is raised.
        """
        try:
            with np.load(opened, allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            about = json.loads(str(arrays.pop("about")))
            version = int(about["format_version"])
            run = cls._from_file(arrays, about) if version <= FORMAT_VERSION else None
        except OSError:
            raise
        except Exception as error:
            raise ValueError(f"{name} is not a run written by theorycheck: {error}") from error
        if run is None:
            raise ValueError(
                f"{name} has format_version {version}, this version reads up to {FORMAT_VERSION}"
            )
        return run

    @classmethod
    def _from_file(cls, arrays: dict[str, Any], about: dict[str, Any]) -> Trajectory:
        return cls(
            read_draw(arrays, about),
            steps=arrays["steps"],
            loss=arrays["loss"],
            gradient_norm2=arrays["gradient_norm2"],
            gamma=arrays["gamma"],
            rho=arrays["zeta"] + arrays["omega"],
            **{name: about[name] for name in ABOUT},
        )
