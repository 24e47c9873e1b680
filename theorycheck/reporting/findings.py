"""What a check found, as `tc.check` returns it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bounds import Theorem
from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import ClaimSummary, TheoremSummary
from theorycheck.notebook import counted, judged_frame, judged_table
from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.predictions.limit import PredictionVerdict


@dataclass(frozen=True, repr=False)
class Findings:
    """What a check found; a notebook shows it claim by claim.

    A first look is what part of the runs say of a theorem before all of them are made.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    lemmas: list[LemmaCheck] = field(default_factory=list)
    predictions: list[PredictionVerdict] = field(default_factory=list)
    json: str = ""
    files: list[Path] = field(default_factory=list)
    theorems: list[Theorem] = field(default_factory=list)
    claims: list[ClaimSummary] = field(default_factory=list)
    summaries: list[TheoremSummary] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    boundaries: list[BoundaryVerdict] = field(default_factory=list)
    first_look: bool = False

    def __repr__(self) -> str:
        """Return how often each outcome is there."""
        return f"<Findings: {counted(self.outcomes) or 'nothing was checked'}>"

    def _repr_html_(self) -> str:
        said = "; ".join(f"{one.title}: {one.outcome}, {one.grounds}" for one in self.summaries)
        several = [*self._over_paths(), *self.boundaries, *self.lemmas, *self.predictions]
        return judged_table(several, said)

    def to_frame(self) -> Any:
        """Return every verdict as a data frame, a row a claim and path.

        Returns
        -------
        pandas.DataFrame
            The columns of verdicts, boundaries, lemmas and predictions, by name.

        Raises
        ------
        ImportError
            If pandas is not installed; the extra ``frames`` brings it.
        """
        every = [*self.verdicts, *self.boundaries, *self.lemmas, *self.predictions]
        return judged_frame(every)

    def _over_paths(self) -> Iterator[Verdict]:
        """Yield each claim over its paths, with the numbers of the path that decides."""
        for claim in self.claims:
            own = (claim.theorem, claim.claim)
            several = [one for one in self.verdicts if (one.theorem, one.claim) == own]
            yield replace(several[claim.deciding], outcome=claim.outcome, reason=claim.reason)

    @property
    def outcomes(self) -> list[str]:
        """The outcome of every claim over its paths, boundary, lemma and prediction."""
        kinds = (self.claims, self.boundaries, self.lemmas, self.predictions)
        return [str(one.outcome) for several in kinds for one in several]

    @property
    def refuted(self) -> bool:
        """Whether anything is refuted."""
        return "refuted" in self.outcomes
