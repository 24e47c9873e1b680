"""One claim over all its paths, and one line a theorem: what a reader wants to know first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bounds import SYMBOLS, Theorem
from theorycheck.judging.facts import PROBABILITY
from theorycheck.judging.family import Family
from theorycheck.judging.table import FamilyRuns, sort_runs
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.joint import Joint, joint
from theorycheck.printing import listed

WORST_FIRST = ("refuted", "undecided", "consistent", "holds")


@dataclass(frozen=True)
class ClaimSummary:
    """What the runs say about one claim, over every path that counts.

    Attributes
    ----------
    theorem, claim, statement, order, tag : str
        As in :class:`Verdict`.
    outcome, reason : str
        The worst over the paths that count, and why. A path whose premise is not met does not,
        unless none is met anywhere.
    paths : tuple of (str, str)
        Every path, by what moves along it, and the outcome there.
    moved, fixed : tuple of str
        The symbols of the bound that some path that counts moves, and those that none does.
    deciding : int
        The number of the path that the reason speaks of.
    """

    theorem: str
    claim: str
    statement: str
    order: str
    tag: str
    outcome: str
    reason: str
    paths: tuple[tuple[str, str], ...]
    moved: tuple[str, ...]
    fixed: tuple[str, ...]
    deciding: int

    @property
    def unmoved(self) -> bool:
        """Whether it is consistent with a bound that no path moves, so that little was tested."""
        stays = bool(self.fixed) and not self.moved
        return stays and self.outcome == "consistent" and self.order != "exact"


def summarize_claims(verdicts: Sequence[Verdict]) -> list[ClaimSummary]:
    """Sum up verdicts claim by claim, in their order."""
    claims: dict[tuple[str, str], list[Verdict]] = {}
    for one in verdicts:
        claims.setdefault((one.theorem, one.claim), []).append(one)
    return [summarize_claim(several) for several in claims.values()]


def summarize_claim(verdicts: Sequence[Verdict]) -> ClaimSummary:
    """Sum up the verdicts on one claim, one a path."""
    met = [one for one in verdicts if one.outcome != "premise not met"]
    counted = sorted(met, key=lambda one: WORST_FIRST.index(one.outcome)) or list(verdicts)
    worst = counted[0]
    moved = _united(one.tested.moved for one in met)
    # the paths agree: the one that tests most speaks for them
    if worst.outcome in ("consistent", "holds"):
        agreeing = [one for one in counted if one.outcome == worst.outcome]
        worst = max(agreeing, key=lambda one: len(one.tested.moved))
    return ClaimSummary(
        worst.theorem,
        worst.claim,
        worst.statement,
        worst.order,
        worst.tag,
        worst.outcome,
        _reason(worst, counted, len(verdicts)),
        tuple((one.along, one.outcome) for one in verdicts),
        moved,
        tuple(name for name in _united(one.tested.fixed for one in met) if name not in moved),
        verdicts.index(worst),
    )


def _united(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in several for name in names))


def _reason(worst: Verdict, counted: Sequence[Verdict], paths: int) -> str:
    """Say why, and on how many paths it is so."""
    if paths == 1:
        return worst.reason
    same = sum(one.outcome == worst.outcome for one in counted)
    on = f"on {same} of {paths} paths" if same < paths else f"on all {paths} paths"
    return f"{on}; along {worst.along}: {worst.reason}"


@dataclass(frozen=True)
class TheoremSummary:
    """One line on a theorem.

    Attributes
    ----------
    theorem, title : str
        Its id and its title.
    outcome, weakest : str
        The outcome of its weakest claim, and which that is, the first of several.
    along : str
        The path that the numbers below are from: of those that keep every premise the one that asks
        for the largest constant; empty where there is none, or where a claim is refuted.
    constant : float
        The smallest factor on every declared constant with which all claims hold at t* in 9 draws
        of 10, at the last size; inf where there is none, nan without such a path.
    start : float or None
        From which size on it is enough.
    probability : str
        What is known of the probability, in words.
    alike : tuple of str
        The claims that have the outcome of the weakest.
    claims : int
        How many claims there are, but for the probability.
    unmoved : tuple of str
        The claims whose bound no path moves: what is said of them rests on little.
    last : float or None
        The last size of that path.
    dense : tuple of str
        The paths on which nothing is pruned, of a theorem that speaks of p.
    paths : tuple of str
        What the networks of each path are, in words.
    """

    theorem: str
    title: str
    outcome: str
    weakest: str
    along: str
    constant: float
    start: float | None
    probability: str
    alike: tuple[str, ...] = ()
    claims: int = 0
    unmoved: tuple[str, ...] = ()
    last: float | None = None
    dense: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def grounds(self) -> str:
        """Which claim decides, and with which constant all hold at once."""
        told = self._weakest()
        if self.unmoved:
            whose = listed(self.unmoved)
            told += f"; no path moves the bound of {whose}, so that it is hardly tested (--along)"
        if self.dense:
            told += f"; along {listed(self.dense)} nothing is pruned (p = 1)"
        if math.isinf(self.constant):
            told += "; no constant makes all claims hold at once in 9 draws of 10"
        elif not math.isnan(self.constant):
            told += f"; all claims hold at once in 9 draws of 10 with constant {self.constant:.3g}"
            if self.start is not None and self.start == self.last:
                told += f" at {self.along} = {self.start:g}, the last size"
            elif self.start is not None:
                told += f" from {self.along} = {self.start:g} on"
        return told

    def _weakest(self) -> str:
        if len(self.alike) <= 1:
            return f"{self.weakest} is the weakest claim"
        if len(self.alike) == self.claims:
            return f"each of its {self.claims} claims alike"
        return f"{listed(self.alike)} are the weakest claims"

    @property
    def words(self) -> str:
        """The line."""
        told = f"{self.outcome}: {self.grounds}"
        return told + (f"; probability: {self.probability}" if self.probability else "")


def summarize_theorem(
    theorem: Theorem, paths: Sequence[FamilyRuns], claims: Sequence[ClaimSummary]
) -> TheoremSummary:
    """Sum up a theorem: its weakest claim, one constant for all, and its probability."""
    own = [one for one in claims if one.claim != PROBABILITY]
    order = ("refuted", "premise not met", "undecided", "consistent", "holds")
    weakest = min(own, key=lambda one: order.index(one.outcome))
    told = next((one.reason for one in claims if one.claim == PROBABILITY), "")
    # no constant mends what is refuted
    along, whole = ("", None) if weakest.outcome == "refuted" else _hardest(theorem, paths)
    return TheoremSummary(
        theorem.id,
        theorem.title or theorem.id,
        weakest.outcome,
        weakest.claim,
        along,
        whole.constant if whole else math.nan,
        whole.start if whole else None,
        told,
        tuple(one.claim for one in own if one.outcome == weakest.outcome),
        len(own),
        tuple(one.claim for one in own if one.unmoved),
        float(whole.sizes[-1]) if whole else None,
        _dense(theorem, [family for family, _ in paths]),
        tuple(networks_of(family) for family, _ in paths),
    )


def _dense(theorem: Theorem, families: Sequence[Family]) -> tuple[str, ...]:
    """Return the paths on which nothing is pruned, of a theorem that speaks of p."""
    said = [one.bound for one in theorem.claims.values()]
    said += [one.expression for one in theorem.conditions.values()]
    if not any(SYMBOLS["p"].symbol in one.free_symbols for one in said):
        return ()
    return tuple(one.along for one in families if all(problem.p == 1.0 for problem in one.problems))


def networks_of(family: Family) -> str:
    """Say what is on a path: every parameter, from its start to its end where it moves."""
    first, last = (one.parameters() for one in (family.problems[0], family.problems[-1]))
    told = [
        f"{name} = {first[name]:.4g}" + (f" to {last[name]:.4g}" * (first[name] != last[name]))
        for name in first
        if isinstance(first[name], int | float)
    ]
    return f"along {family.along}: {', '.join(told)}, {family.problems[0].noise} noise"


def _hardest(theorem: Theorem, paths: Sequence[FamilyRuns]) -> tuple[str, Joint | None]:
    """Return the path that asks for the largest constant, of those that keep every premise."""
    found: list[tuple[str, Joint]] = []
    for family, observations in paths:
        path = sort_runs(family, observations)
        if not family.released and path.draws:
            found.append((family.along, joint(theorem, path)))
    known = [one for one in found if not math.isnan(one[1].constant)]
    return max(known or found, key=lambda one: one[1].constant, default=("", None))
