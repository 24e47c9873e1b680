"""How many false theorems the checker refutes: mutants of a theorem's claims against the runs.

What a mutant is (false, true, ..) is read off the laws of the measured quantities before anything
is run (:mod:`bounds.mutants`); what the checker says of it comes from the runs alone, once by the
paths of the default check and once by all paths. The constant of a mutant is free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import bounds
from bounds import Theorem
from bounds.mutants import KINDS, kind, mutants
from theorycheck.about import versions
from theorycheck.commands.courses import course_along, observe_courses
from theorycheck.commands.separable import separable
from theorycheck.defaults import MUTANT_SEEDS
from theorycheck.files import FORMAT_VERSION, as_json, check_writable, write_whole
from theorycheck.judging.judge import judge_claim
from theorycheck.judging.paths.default_paths import default_paths
from theorycheck.judging.paths.exponent_paths import ExponentPath, chosen_paths
from theorycheck.judging.table import FamilyRuns, points_of
from theorycheck.judging.theorems import find_claims
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import summarize_claim
from theorycheck.running.tasks import default_workers, open_pool, run_heaps

OUTCOMES = ("refuted", "undecided", "consistent", "holds", "premise not met")
CHECKS = {"default": "by the default check", "outcome": "by all paths"}
TRUE_KINDS = ("equivalent", "weaker", "stronger-but-true")


@dataclass(frozen=True)
class JudgedMutant:
    """A mutant, what it is, and what the checker says of it.

    Attributes
    ----------
    claim, change : str
        The claim's id and what was changed in it.
    kind, kind_reason : str
        One of :data:`bounds.mutants.KINDS`, by the laws, and why.
    separable : bool
        Whether it is wrong, by the laws, by more than what the order hides on some path.
    default : str
        The outcome by the default check; empty where that has no paths of its own.
    outcome, reason : str
        The outcome by all paths, and why.
    short : str
        The reason without remarks and suspects.
    unit_sound : bool
        Whether the unit check lets it pass.
    exact : bool
        Whether its claim hides nothing.
    """

    claim: str
    change: str
    kind: str
    kind_reason: str
    separable: bool
    default: str
    outcome: str
    reason: str
    short: str
    unit_sound: bool
    exact: bool

    @property
    def survivor(self) -> bool:
        """Whether it is false and was not refuted by any path."""
        return self.false and self.outcome != "refuted"

    @property
    def false(self) -> bool:
        """Whether it is false, or may be."""
        return self.kind in ("false", "undetermined")


@dataclass(frozen=True)
class Falsification:
    """What became of the mutants of a theorem.

    Attributes
    ----------
    theorem : str
        Its id.
    originals : tuple of Verdict
        The unchanged claims on the same paths.
    mutants : tuple of JudgedMutant
        The mutants, claim by claim.
    seeds : tuple of int
        The seeds of the runs.
    runs : int
        Their number.
    """

    theorem: str
    originals: tuple[Verdict, ...]
    mutants: tuple[JudgedMutant, ...]
    seeds: tuple[int, ...]
    runs: int

    def document(self, command: str) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "format_version": FORMAT_VERSION,
            "versions": versions(),
            "command": command,
            "theorem": self.theorem,
            "seeds": list(self.seeds),
            "runs": self.runs,
            "confusion": {name: self.confusion(name) for name in self.checks},
            "separable_refuted": {name: list(self.separable_refuted(name)) for name in self.checks},
            "separable_passed": {name: self.separable_passed(name) for name in self.checks},
            "true_refuted": list(self.refuted_true),
            "killed_by_units": self.killed_by_units,
            "originals": [
                {"claim": one.claim, "along": one.along, "outcome": one.outcome,
                 "reason": one.reason}
                for one in self.originals
            ],
            "mutants": [asdict(one) for one in self.mutants],
        }  # fmt: skip

    @property
    def checks(self) -> list[str]:
        """Those of ``CHECKS`` that judged the mutants."""
        return [name for name in CHECKS if any(getattr(one, name) for one in self.mutants)]

    def confusion(self, check: str) -> dict[str, dict[str, int]]:
        """How many mutants of each kind have each outcome, by one of ``CHECKS``."""
        counts = Counter((one.kind, getattr(one, check)) for one in self.mutants)
        kinds = [name for name in KINDS if any(name == one.kind for one in self.mutants)]
        return {kind: {name: counts[kind, name] for name in OUTCOMES} for kind in kinds}

    @property
    def separable(self) -> list[JudgedMutant]:
        """The false mutants that are separable from what their order hides."""
        return [one for one in self.mutants if one.false and one.separable]

    def separable_refuted(self, check: str) -> tuple[int, int]:
        """Separable false mutants refuted, and all."""
        refuted = [one for one in self.separable if getattr(one, check) == "refuted"]
        return len(refuted), len(self.separable)

    def separable_passed(self, check: str) -> int:
        """Separable false mutants that a check calls consistent, or says to hold."""
        return sum(getattr(one, check) in ("consistent", "holds") for one in self.separable)

    @property
    def refuted_true(self) -> tuple[int, int]:
        """True mutants refuted, and all."""
        true = [one for one in self.mutants if one.kind in TRUE_KINDS]
        return sum(one.outcome == "refuted" for one in true), len(true)

    @property
    def killed_by_units(self) -> int:
        """Mutants that the unit check alone would refuse, whatever they are."""
        return sum(not one.unit_sound for one in self.mutants)

    @property
    def survivors(self) -> list[JudgedMutant]:
        """The false and undetermined mutants that were not refuted."""
        return [one for one in self.mutants if one.survivor]


def falsify(
    theorem: Theorem, paths: Sequence[ExponentPath], runs: Sequence[FamilyRuns], default: int
) -> Falsification:
    """Judge every mutant of a theorem's claims; the first `default` paths are the default check."""
    # what a path ties beside its powers is known at its sizes, not far out
    starts = [(one.path, one.values, one.end) for one in paths if one.ties is None]
    families = [(one.family, points_of(one.family, one.epsilon)) for one in paths]
    judged, originals = [], []
    for claim in theorem.claims.values():
        originals += judge_claim(theorem, claim, runs)
        for mutant in mutants(claim):
            what, why = kind(mutant, claim, starts)
            first = judge_claim(theorem, mutant.claim, runs[:default], fitted=True)
            outcome, verdicts = _outcome(judge_claim(theorem, mutant.claim, runs, fitted=True))
            judged.append(
                JudgedMutant(
                    claim.id, mutant.change, what, why,
                    any(separable(mutant.claim, *path) for path in families),
                    _outcome(first)[0], outcome, _reason(verdicts), _reason(verdicts, short=True),
                    mutant.unit_sound, claim.order.symbol == "exact",
                )
            )  # fmt: skip
    seeds = sorted({run.seed for _, observations in runs for run in observations})
    return Falsification(
        theorem.id,
        tuple(originals),
        tuple(judged),
        tuple(seeds),
        sum(len(observations) for _, observations in runs),
    )


def falsify_theorem(
    reference: str,
    along: Sequence[str] = (),
    seeds: int | Sequence[int] = MUTANT_SEEDS,
    workers: int | None = 1,
    out: Path | None = None,
    command: str = "",
    *,
    progress: bool = False,
) -> Falsification:
    """Make the mutants of a theorem's claims, run the paths and judge."""
    theorem = find_claims(reference).theorem
    default, further = default_paths(theorem), further_paths(theorem, along)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        check_writable(out / "falsify.json")
    paths = [*default, *further]
    courses = [course_along(reference, one) for one in paths]
    with open_pool(default_workers() if workers is None else workers) as pool:
        runs = observe_courses(courses, seeds, lambda heaps: run_heaps(heaps, pool, progress))
    found = falsify(theorem, paths, runs, len(default))
    if out is not None:
        write_falsification(found.document(command), out)
    return found


def further_paths(theorem: Theorem, along: Sequence[str]) -> list[ExponentPath]:
    """Return the paths along one parameter; theorems on a sibling model have none."""
    if theorem.id not in bounds.SIBLING_THEOREMS:
        return chosen_paths(theorem, along)
    if along:
        why = f"of falsify {theorem.id}, whose default paths are all it has"
        raise ValueError(f"along must be left out {why}, got {','.join(along)!r}")
    return []


def write_falsification(document: dict[str, Any], out: Path) -> None:
    """Write ``falsify.json`` and its figure, ``falsify.svg`` and ``falsify.png``."""
    from theorycheck.reporting.figures.checker import plot_mutants
    from theorycheck.reporting.figures.style import draw, figure_of

    write_whole(out / "falsify.json", as_json(document).encode())
    draw(lambda: figure_of(plot_mutants(document)), out, "falsify")


def _outcome(verdicts: Sequence[Verdict]) -> tuple[str, list[Verdict]]:
    """Sum up one claim over the paths; return the verdicts that decide too."""
    outcome = summarize_claim(verdicts).outcome if verdicts else ""
    return outcome, [one for one in verdicts if one.outcome == outcome]


def _reason(verdicts: Sequence[Verdict], short: bool = False) -> str:
    """Say why, path by path; in short without what comes after the first semicolon."""
    reasons = [(one.along, one.reason.split(";")[0] if short else one.reason) for one in verdicts]
    return "; ".join(f"along {along}: {why}" for along, why in reasons) or "so along every path"


def report_lines(found: Falsification) -> Iterator[str]:
    """Yield the report of a falsification as text; survivors that share a reason share a line."""
    yield f"{found.theorem}: {len(found.mutants)} mutants, {found.runs} runs"
    kept = Counter(one.outcome for one in found.originals)
    told = ", ".join(f"{count} {outcome}" for outcome, count in kept.items())
    yield f"unchanged claims, each along each path: {told}"
    for check in found.checks:
        yield from _confusion_lines(found, check)
    refuted, true = found.refuted_true
    yield f"true ones refuted: {refuted} of {true}"
    yield f"the unit check alone would refuse {found.killed_by_units}"
    yield from _survivor_lines(found.survivors)


def _confusion_lines(found: Falsification, check: str) -> Iterator[str]:
    """Yield the outcomes by kind, by the default check or by all paths."""
    table = found.confusion(check)
    outcomes = [one for one in OUTCOMES if any(counts[one] for counts in table.values())]
    yield f"  {CHECKS[check]:22}" + "".join(f"{one:>16}" for one in outcomes)
    for what, counts in table.items():
        yield f"  {what:22}" + "".join(f"{counts[one]:16}" for one in outcomes)
    refuted, separable = found.separable_refuted(check)
    yield (
        f"  separable false ones refuted: {refuted} of {separable}, called consistent: "
        f"{found.separable_passed(check)} (undetermined count as false)"
    )


def _survivor_lines(survivors: Sequence[JudgedMutant]) -> Iterator[str]:
    """Yield what was not refuted and why; the full reasons are in the document."""
    changes: dict[tuple[str, str, str], list[str]] = {}
    for one in survivors:
        changes.setdefault((one.claim, one.kind, one.short), []).append(one.change)
    if changes:
        yield "not refuted:"
    for (claim, what, why), several in changes.items():
        yield f"  {claim} [{what}], {', '.join(several)}"
        yield f"    {why}"
