"""How large the hidden constants must be: derived thresholds against exact failure probabilities.

Along each path the size grows so that p m, n or whatever the constant multiplies is a constant
times log(d); where log(failure) falls by one as log(d) grows by one, the constant is the threshold.
Then the exact probabilities themselves: shares of draws of labels, signal masks and signs, and of
draws with all their noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

import bounds
from bounds.events import CLASSES_FULL, LEARNABLE, MEMORIZABLE
from evidence.record import write
from sims import Event, Problem, draw_with_overlaps
from sims.arrays import Booleans
from sims.event import event_of
from theorycheck.judging.quantities import in_mild_event, in_over_event
from theorycheck.judging.statistics import share_interval

# log10 of the d at both ends of a stretch over which the slope is fitted
STRETCHES = ((6, 12), (12, 24), (24, 100))
SIZES = 13  # on each stretch
DRAWS = 100_000
WHOLE_DRAWS = 1500
LEVEL = 0.99  # joint over the shares
AT_ONCE = 10_000

# n, m, K, p
MILD = ((10, 6, 2, 0.5), (12, 8, 3, 0.4), (20, 20, 2, 0.12), (10, 12, 5, 0.6), (40, 7, 2, 1.0))
# n, m, K, log10 of d; p = 1 / (K m log d)
OVER = ((10, 6, 2, 2.5), (10, 6, 2, 3.5), (20, 10, 2, 3.5), (12, 4, 3, 3.5), (30, 6, 2, 3.5))
PLOTTED = (1.0, 1.44, 2.0, 3.0)


@dataclass(frozen=True)
class Path:
    """A way to d = infinity on which one constant decides.

    Attributes
    ----------
    threshold : Threshold
        What was derived.
    setting : str
        What is held fixed, in words.
    held : dict
        The same as numbers by name.
    step : float
        The driver, which is the constant times log(d), takes multiples of this.
    log_failure : callable
        Log of the exact failure probability at a value of the driver.
    """

    threshold: bounds.Threshold
    setting: str
    held: dict[str, Any]
    step: float
    log_failure: Callable[[float], float]


def of_part(part: Any, size: str, per: float, **held: Any) -> Callable[[float], float]:
    """Return a part of an event as a function of what drives it, `per` of it for each of a size."""
    return lambda x: bounds.log_value(part.failure, {**held, size: round(x / per)})


def of_lemma(lemma: str, size: str, per: float, **held: Any) -> Callable[[float], float]:
    """Return a lemma's exact failure in the same way."""
    failure = bounds.LEMMAS[lemma].failure_exact
    return lambda x: math.log(failure({**held, size: round(x / per)}))


def of_delta(lemma: str, **held: Any) -> Callable[[float], float]:
    """Return a lemma's exact failure as a function of log(1/delta)."""
    failure = bounds.LEMMAS[lemma].failure_exact
    return lambda x: math.log(failure({**held, "delta": math.exp(-x)}))


def paths() -> Iterable[Path]:
    """Name every derived threshold with the paths on which it is measured."""
    c1, c_n = bounds.thresholds("mild-pruning")
    for p in (1.0, 0.5, 0.1, 1e-3):
        yield Path(c1, f"p = {p:g}, K = 2", {"p": p}, p, of_part(LEARNABLE, "m", p, p=p, K=2))
    for K in (2, 3, 10):
        yield Path(c_n, f"K = {K}", {"K": K}, 1, of_part(CLASSES_FULL, "n", 1, K=K))
    c_m = bounds.thresholds("over-pruning")[1]
    held = {"n": 20, "p": 0.01, "d": 10**8}
    yield Path(c_m, "n = 20; d for log d", held, 1, of_part(MEMORIZABLE, "m", 1, **held))
    yield from lemma_paths()


def lemma_paths() -> Iterable[Path]:
    """Name those of the lemmas; counts move in steps that leave the ends of ranges whole."""
    (counts,), (kept,) = (bounds.lemma_thresholds(x) for x in ("class-counts", "signal-neurons"))
    for K in (2, 4):
        yield Path(counts, f"K = {K}", {"K": K}, 2, of_lemma(counts.id, "n", 1 / K, K=K))
    for p, lattice in ((0.01, 200), (0.5, 4), (0.8, 5)):
        failure = of_lemma(kept.id, "m", p, p=p, K=2)
        yield Path(kept, f"p = {p:g}, K = 2", {"p": p}, lattice * p, failure)
    (norm,) = bounds.lemma_thresholds("masked-noise-norm")
    for p in (1e-3, 0.1, 1.0):
        yield Path(norm, f"p = {p:g}", {}, p, of_lemma(norm.id, "d", p, p=p))
    large = {"d": 10**15, "p": 0.5, "n": 4, "m": 3, "K": 2}
    for lemma in ("masked-noise-overlap", "init-noise"):
        (a,) = bounds.lemma_thresholds(lemma)
        yield Path(a, "d = 1e15 in the norms", {}, 0, of_delta(lemma, **large))
    (left,) = bounds.lemma_thresholds("no-signal-left")
    few = bounds.LEMMAS[left.id].failure_exact

    def log_left(x: float) -> float:
        return math.log(few({"m": 10, "K": 2, "p": math.exp(-x) / 20}))

    yield Path(left, "m = 10, K = 2", {}, 0, log_left)
    lower, upper = bounds.lemma_thresholds("init-signal")
    for p in (1.0, 0.05):
        failure = of_lemma(lower.id, "m", p, p=p, K=2, delta=1e-250)
        yield Path(lower, f"p = {p:g}, K = 2", {"p": p}, p, failure)
    wide = {"m": 10**4, "p": 0.5, "K": 2}
    yield Path(upper, "m = 1e4, p = 0.5", {}, 0, of_delta(upper.id, **wide))


def measure(path: Path) -> dict[str, Any]:
    """Fit the slope on each stretch and read the constant off it."""
    needed = path.threshold.value(path.held)
    over_derived = []
    for low, high in STRETCHES:
        driver = np.linspace(low, high, SIZES) * math.log(10) * needed
        if path.step:
            driver = np.unique(np.round(driver / path.step)) * path.step
        slope = np.polyfit(driver, [path.log_failure(float(x)) for x in driver], 1)[0]
        over_derived.append(float(-1 / slope / needed))
    return {
        "id": path.threshold.id,
        "constant": path.threshold.constant_name,
        "rate": path.threshold.rate,
        "setting": path.setting,
        "derived": needed,
        "measured / derived": over_derived,
    }


def full(labels: Any, K: int) -> Booleans:
    """Tell in which rows of labels every class has samples."""
    held: Booleans = np.array([(labels == k).any(axis=1) for k in range(K)])
    return np.logical_and.reduce(held, axis=0)


def mild_holds(rng: np.random.Generator, draws: int, n: int, m: int, K: int, p: float) -> Booleans:
    """Draw labels, signal masks and signs, and tell in which draws the mild event holds."""
    labels = rng.integers(K, size=(draws, n))
    kept, positive = rng.random((draws, K, m)) < p, rng.random((draws, K, m)) < 0.5
    learnable: Booleans = np.logical_or.reduce(kept & positive, axis=2)
    return full(labels, K) & learnable.all(axis=1)


def over_holds(
    rng: np.random.Generator, draws: int, n: int, m: int, K: int, p: float, d: int
) -> Booleans:
    """Do the same for the over-pruning event, the signs of a neuron on two samples independent."""
    some_noise_kept = 1 - (1 - p) ** (d - 1)
    labels = rng.integers(K, size=(draws, n))
    kept = rng.random((draws, K * m)) < p
    positive = rng.random((draws, n, m)) < some_noise_kept / 2
    memorizable: Booleans = np.logical_or.reduce(positive, axis=2)
    return full(labels, K) & ~kept.any(axis=1) & memorizable.all(axis=1)


def drawn(holds: Callable[..., Booleans], *sizes: Any) -> tuple[int, int]:
    """Count in how many draws an event fails."""
    rng = np.random.default_rng(1)
    held = [holds(rng, AT_ONCE, *sizes) for _ in range(DRAWS // AT_ONCE)]
    return int(np.sum(~np.concatenate(held))), DRAWS


def drawn_whole(problem: Problem, inside: Callable[[Event], bool]) -> tuple[int, int]:
    """Count the same on draws of the simulator, with all their noise."""
    failing = [
        not inside(event_of(draw_with_overlaps(problem, seed)[0])) for seed in range(WHOLE_DRAWS)
    ]
    return sum(failing), WHOLE_DRAWS


def compare(theorem: str, parameters: dict[str, Any], counts: tuple[int, int]) -> dict[str, Any]:
    """Set a count of failures beside the probability."""
    found = bounds.event_failure(bounds.THEOREMS[theorem], parameters)
    assert found is not None
    together = 2 * (len(MILD) + len(OVER))
    low, high = share_interval(*counts, 1 - (1 - LEVEL) / together)
    return {
        "parameters": {name: parameters[name] for name in ("d", "n", "m", "K", "p")},
        "probability": found.probability,
        "exact": found.exact,
        "failed": counts[0],
        "draws": counts[1],
        "interval": [low, high],
        "inside": bool(low <= found.probability <= high),
    }


def shares() -> list[dict[str, Any]]:
    """Draw at every point, signs alone and whole."""
    found = []
    for n, m, K, p in MILD:
        problem = Problem.theorem_regime(100, n, m, K, p)
        whole = drawn_whole(problem, in_mild_event)
        for name, counts in (("signs", drawn(mild_holds, n, m, K, p)), ("whole", whole)):
            one = compare("mild-pruning", problem.parameters(), counts)
            found.append({"theorem": "mild-pruning", "drawn": name, **one})
    for n, m, K, log10_d in OVER:
        d = round(10**log10_d)
        p = bounds.over_pruning_p(d, m, K)
        problem = Problem.theorem_regime(d, n, m, K, p)
        whole = drawn_whole(problem, in_over_event)
        for name, counts in (("signs", drawn(over_holds, n, m, K, p, d)), ("whole", whole)):
            one = compare("over-pruning", problem.parameters(), counts)
            found.append({"theorem": "over-pruning", "drawn": name, **one})
    return found


def along_d() -> dict[str, Any]:
    """Evaluate the mild event's exact failure along m = C1 log d, n = 10 log d, p = 1, K = 2.

    Whole numbers of neurons: the d of each m is exp(m / C1).
    """
    theorem = bounds.THEOREMS["mild-pruning"]
    lines = {}
    for c1 in PLOTTED:
        line = []
        neurons = range(math.ceil(c1 * math.log(1e3)), math.floor(c1 * math.log(1e15)) + 1)
        for m in neurons[:: math.ceil(2 * c1)]:
            log_d = m / c1
            at = {"n": round(10 * log_d), "m": m, "K": 2, "p": 1.0}
            found = bounds.event_failure(theorem, at)
            assert found is not None
            line.append([log_d / math.log(10), found.log_probability / math.log(10)])
        lines[f"{c1:g}"] = line
    return lines


def main() -> None:
    """Measure and draw everything, and write the result."""
    write(
        "thresholds",
        {
            "stretches of log10 d": [list(stretch) for stretch in STRETCHES],
            "thresholds": [measure(path) for path in paths()],
            "shares": shares(),
            "p = 1, K = 2, m = C1 log d, by C1: log10 d, log10 failure": along_d(),
        },
    )


if __name__ == "__main__":
    main()
