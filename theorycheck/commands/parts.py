"""The parts of a plan, a theorem each: its runs on paths and across boundaries, and how judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bounds import Theorem
from theorycheck.commands.courses import Heaps, Runner, observation_task, observe_courses
from theorycheck.commands.plan import P_GRID_SEEDS, QUICK_SEEDS, Plan
from theorycheck.judging.boundaries.judge import judge_boundary
from theorycheck.judging.boundaries.survey import Ask, Survey, survey
from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.judge import judge_path_lemma, judge_paths, order_claims
from theorycheck.judging.observation import Observation
from theorycheck.judging.table import FamilyRuns
from theorycheck.judging.theorems import find
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import (
    ClaimSummary,
    TheoremSummary,
    summarize_claims,
    summarize_theorem,
)
from theorycheck.reporting.document import boundary_record, verdict_record
from theorycheck.reporting.findings import Findings
from theorycheck.running.tasks import seed_list

DRAWS = 48  # where the plan names no seeds: half of the exponents off by 1/2 are refuted, by 96 all


@dataclass(frozen=True)
class Part:
    """What was run for one theorem of a plan."""

    name: str
    paths: list[FamilyRuns]
    surveys: list[Survey]


@dataclass(frozen=True)
class Judged:
    """The verdicts of a check on theorems, path by path and summed up."""

    verdicts: list[Verdict] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    claims: list[ClaimSummary] = field(default_factory=list)
    theorems: list[TheoremSummary] = field(default_factory=list)
    stated: list[Theorem] = field(default_factory=list)
    boundaries: list[BoundaryVerdict] = field(default_factory=list)

    def add(self, other: Judged) -> None:
        """Add what was judged of another part."""
        for name, own in vars(self).items():
            own.extend(getattr(other, name))

    @property
    def summaries(self) -> dict[str, Any]:
        """The sums as plain data."""
        return {
            "claims": [asdict(one) for one in self.claims],
            "summaries": [{**asdict(one), "words": one.words} for one in self.theorems],
        }

    @property
    def findings(self) -> Findings:
        """What was found of the theorems themselves, without a lemma that their runs speak of."""
        ids = [one.id for one in self.stated]
        return Findings(
            verdicts=[one for one in self.verdicts if one.theorem in ids],
            theorems=self.stated,
            claims=[one for one in self.claims if one.theorem in ids],
            summaries=self.theorems,
            boundaries=self.boundaries,
        )


def path_lemma(judged: Judged) -> Findings:
    """Return what was found of the lemma that speaks of the runs of a theorem."""
    return Findings(
        verdicts=[one for one in judged.verdicts if one.theorem == "lemmas"],
        claims=[one for one in judged.claims if one.theorem == "lemmas"],
    )


def part_names(plan: Plan) -> list[str]:
    """Return the theorems whose runs a plan asks for."""
    return list(dict.fromkeys([*plan.families(), *plan.theorems()]))


def observe_part(plan: Plan, name: str, run: Runner) -> Part:
    """Make the runs of one theorem."""
    courses = plan.families().get(name, [])
    paths = observe_courses(courses, plan.chosen("seeds"), run)
    return Part(name, paths, survey_boundaries(plan, name, run))


def first_look(plan: Plan, run: Runner) -> Findings:
    """Judge the first theorem of a plan by few draws along one path, if it has several."""
    for name in plan.theorems()[:1]:
        courses = plan.families().get(name, [])
        if len(courses) > 1:
            seeds = QUICK_SEEDS if plan.seeds is None else plan.seeds
            paths = observe_courses([replace(courses[0], times=1)], seeds, run)
            return replace(judge(plan, Part(name, paths, [])).findings, first_look=True)
    return Findings()


def remembering(run: Runner, made: dict[tuple[Any, ...], Observation]) -> Runner:
    """Return a runner that makes no run that was made, and adds those that it makes."""

    def run_new(heaps: Heaps) -> list[list[Observation]]:
        new = [[task for task in heap if task.arguments not in made] for heap in heaps]
        for heap, found in zip(new, run(new), strict=True):
            made.update(zip((task.arguments for task in heap), found, strict=True))
        return [[made[task.arguments] for task in heap] for heap in heaps]

    return run_new


def observe_grid(plan: Plan, run: Runner) -> list[Observation]:
    """Make the runs of the figure over p, where a plan asks for it."""
    if not plan.p_grid:
        return []
    tasks = [
        observation_task("mild-pruning", problem, seed, plan.chosen("epsilon"))
        for problem in plan.grid()
        for seed in P_GRID_SEEDS
    ]
    return run([tasks])[0]


def judge_parts(plan: Plan, parts: Iterable[Part]) -> Judged:
    """Judge all parts of a plan."""
    whole = Judged()
    for part in parts:
        whole.add(judge(plan, part))
    return whole


def judge(plan: Plan, part: Part) -> Judged:
    """Judge the claims and boundaries of one theorem, at the rate of error of the whole plan."""
    stated = [plan.theorem_of(part.name)] if part.name in plan.theorems() else []
    found: list[list[Verdict]] = [[] for _ in part.paths]
    if stated and part.paths:
        found = judge_paths(stated[0], part.paths, _tested_together(plan))
    if part.name == "mild-pruning" and plan.wants_lemmas():
        # on the path of the regime, which the lemma speaks of
        found[0].append(judge_path_lemma(*part.paths[0]))
    here = [one for several in found for one in several]
    claims = summarize_claims(here)
    boundaries = judge_boundaries(plan, part)
    records = [
        verdict_record(one, family, observations)
        for (family, observations), several in zip(part.paths, found, strict=True)
        for one in several
    ]
    summaries = [
        summarize_theorem(theorem, part.paths, [one for one in claims if one.theorem == theorem.id])
        for theorem in stated
        if part.paths
    ]
    records.extend(map(boundary_record, boundaries))
    return Judged(here, records, claims, summaries, stated, boundaries)


def _tested_together(plan: Plan) -> int:
    """Return how many claims with an order a plan checks."""
    stated = [plan.theorem_of(name) for name in plan.theorems()]
    return sum(map(order_claims, stated)) + plan.wants_lemmas()


def survey_boundaries(plan: Plan, name: str, run: Runner) -> list[Survey]:
    """Make the runs that the boundaries of a theorem ask for."""
    if plan.along or name not in plan.theorems():
        return []
    boundaries = find(name).theorem.boundaries
    return [survey_of(name, id, boundary_seeds(plan), run) for id in boundaries]


def boundary_seeds(plan: Plan) -> list[int]:
    """Return the draws that every boundary of a plan is crossed by."""
    return seed_list(plan.chosen("seeds") if plan.seeds or plan.quick else DRAWS)


def survey_of(name: str, id: str, seeds: Sequence[int], run: Runner) -> Survey:
    """Make the runs that one boundary of a theorem asks for."""
    subject = find(name)
    boundary, paths = subject.theorem.boundaries[id], subject.boundary_paths[id]

    def ask(wanted: Sequence[Ask]) -> list[Observation]:
        tasks = [
            observation_task(name, problem, seed, paths.epsilon, paths.engine)
            for problem, seed in wanted
        ]
        return run([tasks])[0]

    return survey(boundary, paths, seeds, ask)


def judge_boundaries(plan: Plan, part: Part) -> list[BoundaryVerdict]:
    """Judge the boundaries of a theorem, together with those of the whole plan."""
    together = sum(len(find(name).theorem.boundaries) for name in plan.theorems())
    theorem = find(part.name).theorem
    return [judge_boundary(theorem, one, together) for one in part.surveys]
