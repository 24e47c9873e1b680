"""What is taken where an option or an argument is left out: every default once, and no imports.

The command line shows them in its help, which must not wait for numpy and sympy.
"""

from typing import Any

SIZES = (10**4, 10**6, 10**8, 10**10, 10**12)  # of the path along d
EPSILON = 0.05  # training loss to stop at: `target_loss` in sims, DEFAULT_EPSILON in bounds
SEEDS = 20  # draws that are to count
MUTANT_SEEDS = 24
# By the name of the option of `verify` and of the field of `Plan`.
DEFAULTS: dict[str, Any] = {
    "seeds": SEEDS,
    "n": 10,
    "m": 6,
    "K": 2,
    "p": 0.7,
    "noise": "isotropic",
    "epsilon": EPSILON,
    "engine": "auto",
}
