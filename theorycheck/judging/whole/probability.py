"""With which probability a theorem holds, as a claim of its own: `probability`.

The draws of a check count how often all claims hold together, size by size; how often the event
fails is known in closed form, and which hidden constants O(1/d) needs is derived (Theory, section
10). Draws are shared by the sizes of a path, so nothing is pooled over them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import bounds
from bounds import Theorem
from bounds.hidden_constants import Shortfall, shortfalls
from sims.arrays import Booleans
from theorycheck.judging.exact import LEVEL, MOSTLY
from theorycheck.judging.facts import PROBABILITY
from theorycheck.judging.paths.premises import unmet
from theorycheck.judging.slopes import tail
from theorycheck.judging.statistics import OTHER_ERROR, share_interval, sign_p
from theorycheck.judging.table import SortedRuns, parameters_at
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.joint import Joint, joint

LARGEST = float(np.finfo(float).max)


@dataclass(frozen=True)
class Failures:
    """In how many draws of the event some claim fails its declared constant.

    Attributes
    ----------
    draws, last : int
        Draws whose claims are known at the last size, and how many fail there.
    appear, vanish : int
        Draws that fail at the last size of the tail and not at its first, and the reverse.
    """

    draws: int
    last: int
    appear: int
    vanish: int

    @property
    def growing(self) -> bool:
        """Whether failures become more frequent, by the exact test of McNemar."""
        return sign_p(self.appear, self.appear + self.vanish) <= OTHER_ERROR

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval of the share that fails at the last size."""
        return share_interval(self.last, self.draws, LEVEL)


def count_failures(whole: Joint, in_tail: Booleans, beyond: float = 0.0) -> Failures:
    """Count the draws that fail at the ends of the tail: whose excess is above a limit there.

    Above 0 some declared constant is missed; above the largest float no constant would do.
    """
    first, last = whole.excess[:, in_tail][:, 0], whole.excess[:, in_tail][:, -1]
    both = ~(np.isnan(first) | np.isnan(last))
    before, after = first > beyond, last > beyond
    return Failures(
        int((~np.isnan(last)).sum()),
        int(after.sum()),
        int((both & after & ~before).sum()),
        int((both & before & ~after).sum()),
    )


def judge_probability(theorem: Theorem, path: SortedRuns, like: Verdict) -> Verdict:
    """Judge how probable a theorem is along a path; `like` is the verdict on another claim."""
    blank = Verdict(
        theorem.id,
        PROBABILITY,
        f"all claims hold together with probability {theorem.probability}",
        "exact",
        theorem.source.tag,
        "undecided",
        "",
        like.along,
        direction=like.direction,
        total=like.total,
        premises=like.premises,
    )
    if left := unmet(blank.premises):
        return replace(blank, outcome="premise not met", reason="; ".join(left))
    if not path.draws:  # nothing can be said of any claim, and the other says why
        return replace(blank, outcome=like.outcome, reason=like.reason)
    in_tail = tail([path.family.progress(*point) for point in path.points])
    whole = joint(theorem, path)
    failures = count_failures(whole, in_tail)
    outcome, why = _decide(theorem, path, failures, count_failures(whole, in_tail, LARGEST))
    told = f"{_of_event(theorem, path)}; {_of_claims(failures, *whole.failing_most())}"
    return replace(
        blank,
        outcome=outcome,
        reason=f"{why}; {told}" if why else told,
        runs=failures.draws,
        draws=failures.draws,
        failures=failures.last,
        failure_interval=failures.interval if failures.draws else None,
    )


def _decide(
    theorem: Theorem, path: SortedRuns, failures: Failures, hopeless: Failures
) -> tuple[str, str]:
    """Decide by what is derived of the constants, then by the draws.

    Only draws that no constant would help can refute: that others miss a declared constant may be
    a logarithm that an order hides.
    """
    if missing := _shortfalls(theorem, path):
        return "premise not met", "; ".join(map(_needs, missing))
    if not failures.draws:
        return "undecided", ""
    if hopeless.growing and hopeless.interval[0] > MOSTLY:
        return "refuted", "failures that no constant would help grow with the path"
    if failures.growing:
        return "undecided", "failures become more frequent"
    if failures.interval[0] > MOSTLY:  # no probability that is claimed to be high
        return "undecided", "most draws miss a declared constant, which may be declared larger"
    return "consistent", "failures do not become more"


def _shortfalls(theorem: Theorem, path: SortedRuns) -> tuple[Shortfall, ...]:
    """Return what is too small for the theorem's probability at the last size."""
    at = [parameters_at(point) for point in path.points]
    moving = [name for name in at[0] if len({one[name] for one in at}) > 1]
    return shortfalls(theorem, at[-1], moving)


def _needs(missing: Shortfall) -> str:
    return (
        f"{missing.constant_name} = {missing.implied:.3g} here; 1 - O({missing.rate}) needs "
        f"{missing.needed:.3g}"
    )


def _of_event(theorem: Theorem, path: SortedRuns) -> str:
    """Say how often the event holds at the last size: by its formula, and in the draws."""
    inside, drawn = len(path.inside[-1]), len(path.runs[-1])
    low, high = share_interval(inside, drawn, LEVEL)
    told = (
        f"the event holds in {inside} of {drawn} draws at the last size ({low:.2g} to {high:.2g})"
    )
    known = bounds.event_failure(theorem, parameters_at(path.points[-1]))
    if known is None:
        return told
    kind = "exactly" if known.exact else "to leading order"
    return f"{told}, {kind} {1 - known.probability:.4g}"


def _of_claims(failures: Failures, most: str, times: int) -> str:
    """Say how often all claims hold at the declared constants, given the event, and which fails."""
    if not failures.draws:
        return "no draw tells whether all claims hold together"
    kept = failures.draws - failures.last
    low, high = failures.interval
    return (
        f"given it, all claims keep their declared constants in {kept} of {failures.draws} draws "
        f"there (a share of {1 - high:.2g} to {1 - low:.2g}, {LEVEL:.0%})"
        + (f", {most} fails in {times}" if times else "")
    )
