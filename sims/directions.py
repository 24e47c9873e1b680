"""Given directions of the signals: orthonormal vectors, compared by what they hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from sims.arrays import Floats

TOLERANCE = 1e-9  # of every inner product


class Directions:
    """K orthonormal vectors for the signals, ``mu_k = mu u_k`` (Theory, section 13).

    Parameters
    ----------
    vectors : (K, d) array
        The vectors u_k as rows, no unit; copied.

    Raises
    ------
    ValueError
        If they are no finite numbers of two axes, or not orthonormal to 1e-9.
    """

    def __init__(self, vectors: Floats) -> None:
        array = np.array(vectors)
        if array.ndim != 2 or array.dtype.kind not in "fiu":
            raise ValueError(
                f"directions must be a (K, d) array of numbers, got shape {array.shape} "
                f"of {array.dtype}"
            )
        self.vectors = np.ascontiguousarray(array, float)
        off = self.vectors @ self.vectors.T - np.eye(len(array))
        if not np.all(np.abs(off) <= TOLERANCE):
            raise ValueError(
                f"directions must be orthonormal to {TOLERANCE:g}, got an inner product that is "
                f"off by {np.max(np.abs(off)):.2g}"
            )
        self.vectors.flags.writeable = False
        content = repr(self.vectors.shape).encode() + self.vectors.tobytes()
        self.digest = hashlib.sha256(content).hexdigest()

    @classmethod
    def read(cls, path: str | Path) -> Directions:
        """Read the vectors from a ``.npy`` file; a ValueError where it holds none."""
        try:
            with open(path, "rb") as file:
                vectors = np.lib.format.read_array(file, allow_pickle=False)
        except OSError as error:
            why = error.strerror or str(error)
        except (ValueError, EOFError):
            why = "it holds something else, as a file of text or of Python objects does"
        else:
            return cls(vectors)
        raise ValueError(f"signals must name a .npy file of numbers, got {str(path)!r}: {why}")

    @property
    def reach(self) -> int:
        """How many coordinates they need, from the first to the last that is not 0."""
        return int(np.flatnonzero(self.vectors.any(axis=0))[-1]) + 1

    def __eq__(self, other: object) -> bool:
        """Tell whether the vectors are the same, to the bit."""
        return isinstance(other, Directions) and self.digest == other.digest

    def __hash__(self) -> int:
        """Hash the content."""
        return hash(self.digest)

    def __repr__(self) -> str:
        """Return one line."""
        return f"<Directions: {len(self.vectors)} vectors, {self.digest[:12]}>"
