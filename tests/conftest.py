"""Settings that every test shares."""

import math
import os
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# No profile measures time: what passes on one machine passes on a slower one.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    derandomize=False,
    deadline=None,
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def everything():
    """Write all that is in a result, its nan too, which is not equal to itself."""

    def everything(found):
        if isinstance(found, list | tuple):
            return [everything(one) for one in found]
        return repr(asdict(found))

    return everything


@pytest.fixture(scope="session")
def made_up_results():
    """The content of a ``verdicts.json`` with every outcome but one in it, by made-up runs.

    One real run of each theorem, its numbers moved: no-cross-signal outgrows its bound. Seed 0 lies
    outside the events, and seed 13 does not reach t* at the last size.
    """
    import bounds
    from theorycheck.judging.family import mild_family, over_family
    from theorycheck.judging.judge import judge_path_lemma, judge_theorem
    from theorycheck.judging.observation import observe
    from theorycheck.judging.whole.summary import summarize_claims, summarize_theorem
    from theorycheck.predictions.lemma_check import judge_lemma, mild_problem, over_problem
    from theorycheck.reporting import document
    from theorycheck.reporting.courses import grid_record, path_record
    from theorycheck.reporting.statements import lemmas_record, theorem_record

    sizes, seeds = (10**4, 10**6, 10**8, 10**10, 10**12), range(14)
    powers = {"stopping-time": 0.0, "no-cross-signal": 0.4, "no-noise": -0.2, "test-loss": 0.02}
    records, claims, lines, courses = [], [], [], []
    for name, family in (
        ("mild-pruning", mild_family(sizes, n=6, m=6, p=0.8)),
        ("over-pruning", over_family(sizes, n=6, m=6)),
    ):
        theorem = bounds.THEOREMS[name]
        real = observe(name, replace(family.problems[0], d=300), 0, 0.05)
        runs = []
        for problem in family.problems:
            at = {**problem.parameters(), "epsilon": 0.05}
            for seed in seeds:
                scatter = math.exp(np.random.default_rng([seed, problem.d]).normal(0, 0.1))
                moved = {
                    claim: 0.5 * (problem.d / 1e4) ** power * scatter
                    * theorem.claims[claim].evaluate(at)
                    for claim, power in powers.items()
                    if claim in theorem.claims and name == "mild-pruning"
                }  # fmt: skip
                runs.append(
                    replace(
                        real,
                        problem=problem,
                        seed=seed,
                        in_event=seed > 0,
                        status="stalled" if (seed, problem.d) == (13, 10**12) else "reached",
                        measured={**real.measured, **moved},
                        series=replace(
                            real.series, steps=real.series.steps * (1 + seed) * problem.d / 1e4
                        ),
                    )
                )
        courses.append(path_record(theorem, (family, runs)))
        verdicts = judge_theorem(theorem, family, runs)
        summed = summarize_claims(verdicts)
        lines.append(summarize_theorem(theorem, [(family, runs)], summed))
        if name == "mild-pruning":
            verdicts.append(judge_path_lemma(family, runs))
            grid = [
                replace(
                    one,
                    problem=replace(one.problem, d=20000, p=p),
                    series=replace(one.series, loss=one.series.loss * p),
                )
                for p in (1.0, 0.3, 0.1)
                for one in runs[1:3]
            ]
        records += [document.verdict_record(one, family, runs) for one in verdicts]
        claims += summarize_claims(verdicts)
    checks = [judge_lemma(one, mild_problem(), 3, 200, 3) for one in ("class-counts", "init-noise")]
    checks.append(judge_lemma("no-signal-left", over_problem(), 0, 200, 3))
    records += [document.lemma_record(one) for one in checks]
    stated = [theorem_record(one) for one in bounds.THEOREMS.values()]
    command = "theorycheck verify --seeds 14 --out 'my report'"
    summaries = {
        "claims": [asdict(one) for one in claims],
        "summaries": [{**asdict(one), "words": one.words} for one in lines],
    }
    theorems = [*stated, lemmas_record()]
    return document.document(command, records, theorems, grid_record(grid), summaries, courses)
