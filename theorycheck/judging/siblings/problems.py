"""Problems of the model of averaged outputs and antipodal signals, in the letters of the mean."""

from __future__ import annotations

import math
from typing import Any

from sims import Problem, averaged_output


def start(q: float, snr: float, **given: Any) -> Problem:
    """Return a problem of the averaged model with mu = 1 and mu / (sigma_n sqrt(d)) as told."""
    shape = {"K": 2, "p": 1.0, "mu": 1.0, "signals": "antipodal", "noise": "orthogonal", **given}
    sigma_n = shape["mu"] / (snr * math.sqrt(shape["d"]))
    return averaged_output(Problem(q=q, sigma_n=sigma_n, **shape))
