"""Paths through one parameter that stay on a theorem's side of its signal-to-noise premise.

A theorem on the harmful side is left when n or mu grows alone. Its paths go down in mu, and along n
they take mu with them, so that the index of the premise stays. Letters are those of the theorem,
p = 1 and K = 2 throughout. Source: derived, from the premises of Theory, section 12.
"""

from fractions import Fraction

from bounds.paths import PATHS, Route

MOVED = ("d", "n", "m", "mu", "sigma_0", "eta", "epsilon")
# The power of mu in the index n mu^power / .. of each theorem that asks for a small one.
SMALL_INDEX = {"harmful-overfitting": None, "relu-harmful-overfitting": 4, "low-snr-descent": 2}


def premise_paths(theorem: str, q: float) -> dict[str, Route]:
    """Return a path along each parameter on which a theorem's signal-to-noise premise stays.

    Parameters
    ----------
    theorem : str
        Id of one of :data:`bounds.SIBLING_THEOREMS`.
    q : float
        Power of the activation.

    Returns
    -------
    dict of str to Route
        By the parameter that moves; sigma_n moves with d as it must.

    Notes
    -----
    Theory, section 12.
    """
    routes = {name: PATHS[name] for name in MOVED}
    if theorem not in SMALL_INDEX:
        return routes
    power = SMALL_INDEX[theorem] or Fraction(q).limit_denominator(24)
    along_n = {"n": Fraction(1), "mu": -1 / Fraction(power)}
    routes["n"] = Route("n", along_n, f"n mu^{power} held fixed")
    routes["mu"] = Route("mu", {"mu": Fraction(-1)})
    if theorem == "relu-harmful-overfitting":
        along_d = {"d": Fraction(1), "sigma_n": Fraction(-1, 4)}
        routes["d"] = Route("d", along_d, "sigma_n^4 d held fixed")
    return routes


def averaged_route(route: Route, q: float) -> Route:
    """Translate a path of problems of the engine into the letters of an averaged output.

    Told the path and the power of the activation: where m moves, sigma_0 of the mean moves by
    m^(1/q) more than that of the sum, and eta by m^(2/q).
    """
    moved = route.powers.get("m", Fraction(0)) / Fraction(q).limit_denominator(24)
    if not moved:
        return route
    powers = dict(route.powers)
    for name, times in (("sigma_0", 1), ("eta", 2)):
        powers[name] = powers.get(name, Fraction(0)) + times * moved
    return Route(route.along, powers, route.tied)
