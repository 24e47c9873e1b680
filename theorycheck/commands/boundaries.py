"""The boundaries of the theorems of a plan, surveyed and judged."""

from __future__ import annotations

from collections.abc import Sequence

from theorycheck.commands.courses import Runner, observation_task
from theorycheck.commands.plan import Plan
from theorycheck.judging.boundaries.judge import judge_boundary
from theorycheck.judging.boundaries.survey import Ask, Survey, survey
from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.observation import Observation
from theorycheck.judging.theorems import find
from theorycheck.running.tasks import seed_list

DRAWS = 48  # where the plan names no seeds: half of the exponents off by 1/2 are refuted, by 96 all

Surveys = dict[str, list[Survey]]


def survey_boundaries(plan: Plan, run: Runner) -> Surveys:
    """Make the runs that the boundaries of a plan ask for, theorem by theorem."""
    seeds = boundary_seeds(plan)
    found: Surveys = {}
    for name in () if plan.along else plan.theorems():
        subject = find(name)
        if subject.theorem.boundaries:
            found[name] = [survey_of(name, id, seeds, run) for id in subject.theorem.boundaries]
    return found


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


def judge_boundaries(surveys: Surveys) -> list[BoundaryVerdict]:
    """Judge all boundaries of a check together."""
    together = sum(map(len, surveys.values()))
    return [
        judge_boundary(find(name).theorem, one, together)
        for name, several in surveys.items()
        for one in several
    ]
