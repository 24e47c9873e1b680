"""The paths on which the boundaries of the theorems on averaged outputs are crossed.

Both are crossed by sigma_n, at mu = 1, so that a path along d keeps the strength of the noise.
Starts are given in the letters of the mean and keep the premises at every size. Source: measured.
"""

from __future__ import annotations

import math

from bounds.overfitting_thresholds import FLIP
from theorycheck.judging.boundary_paths import BoundaryPaths
from theorycheck.judging.siblings.problems import start

N = (10, 24, 56)
# Not all samples are memorized before the loss is below log(2) / n.
SMALL_LOSS = math.log(2) / (2 * max(N))

# sigma_0 between its two limits for n up to 56 and m up to 40; d falls, for (m n)^4 stays far below
CAO = BoundaryPaths(
    start(3.0, 10**-0.25, d=10**14, n=10, m=10, sigma_0=1.5e-5, eta=0.01),
    "sigma_n",
    {"n": N, "d": (1e14, 1e13, 1e12), "m": (10, 20, 40)},
    SMALL_LOSS,
)

# Every step is exact: eta is such that some thousand are enough where d is smallest
KOU = BoundaryPaths(
    start(1.0, 0.2, d=10**4, n=20, m=10, sigma_0=1e-7, eta=0.015, flip=FLIP),
    "sigma_n",
    {"n": (20, 40, 80), "d": (1e4, 2e5, 4e6)},
    0.1,
)

SIBLING_BOUNDARY_PATHS = {"benign-ends": CAO, "relu-benign-ends": KOU}
