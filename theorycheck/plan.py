"""One `theorycheck verify`: what is run, judged, printed and written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bounds
from sims import Problem
from sims.simulate import ENGINES
from theorycheck import results
from theorycheck.family import SIZES, Family, mild_family, over_family
from theorycheck.judge import judge_path_lemma, judge_theorem
from theorycheck.lemma_check import LemmaCheck, check_lemmas
from theorycheck.measure import Observation, observe
from theorycheck.statement_table import bound_text
from theorycheck.verdict import Verdict
from theorycheck.verification import (
    LEMMA_DRAWS,
    Task,
    count_in_parallel,
    executor,
    family_tasks,
    run_tasks,
    seed_list,
)
from theorycheck.workers import default_workers

THEOREM_CHOICES = (*bounds.THEOREMS, "lemmas", "all")
P_GRID = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.01)
P_GRID_SEEDS = (0, 1, 2)
P_GRID_SIZE = 20000


@dataclass(frozen=True)
class Plan:
    """What to verify, with the options of the command line; validated before any work starts."""

    theorem: str = "all"
    d: tuple[int, ...] | None = None
    seeds: int = 5
    n: int = 30
    m: int = 20
    K: int = 2
    p: float = 0.5
    noise: str = "isotropic"
    epsilon: float = 0.05
    engine: str = "auto"
    workers: int | None = None
    out: Path = Path("theorycheck-report")

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.theorem not in THEOREM_CHOICES:
            known = ", ".join(THEOREM_CHOICES)
            raise ValueError(f"THEOREM must be one of {known}, got {self.theorem!r}")
        seed_list(self.seeds)
        if not (math.isfinite(self.epsilon) and self.epsilon > 0):
            raise ValueError(
                f"epsilon must be a finite number greater than 0, got {self.epsilon!r}"
            )
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine!r}")
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers must be at least 1, got {self.workers!r}")
        self.families()

    def theorems(self) -> list[str]:
        """Return the ids of the theorems that are asked for."""
        return [name for name in bounds.THEOREMS if self.theorem in (name, "all")]

    def wants_lemmas(self) -> bool:
        """Tell whether the lemmas are asked for."""
        return self.theorem in ("lemmas", "all")

    def families(self) -> dict[str, Family]:
        """Return the family of each theorem that is asked for."""
        shape: dict[str, Any] = {"n": self.n, "m": self.m, "K": self.K, "noise": self.noise}
        sizes = SIZES if self.d is None else tuple(dict.fromkeys(self.d))
        made = {
            "mild-pruning": lambda: mild_family(sizes, p=self.p, **shape),
            "over-pruning": lambda: over_family(sizes, **shape),
        }
        wanted = self.theorems()
        if self.wants_lemmas() and "mild-pruning" not in wanted:
            wanted = ["mild-pruning", *wanted]  # the lemma gradient-norm speaks of its paths
        return {name: made[name]() for name in wanted}

    def p_grid(self) -> list[Problem]:
        """Return the problems of the figure of test loss against p."""
        return [
            Problem.theorem_regime(P_GRID_SIZE, self.n, self.m, self.K, p, noise=self.noise)
            for p in P_GRID
        ]


@dataclass(frozen=True)
class Report:
    """What a check found."""

    verdicts: list[Verdict] = field(default_factory=list)
    lemmas: list[LemmaCheck] = field(default_factory=list)
    json: str = ""
    files: list[Path] = field(default_factory=list)

    @property
    def outcomes(self) -> list[str]:
        """The outcome of every verdict, then of every lemma."""
        return [one.outcome for one in self.verdicts] + [one.outcome for one in self.lemmas]

    @property
    def refuted(self) -> bool:
        """Whether anything is refuted."""
        return "refuted" in self.outcomes


def check_writable(path: Path) -> None:
    """Raise an OSError now where a file could not be written later."""
    if path.is_dir():
        raise IsADirectoryError(21, "is a directory, not a file to write", str(path))
    probe = path.with_name(path.name + ".partial")
    try:
        probe.touch()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    probe.unlink()


def run_plan(plan: Plan, command: str, progress: bool = False) -> Report:
    """Run a plan, and write figures and ``verdicts.json``.

    Parameters
    ----------
    plan : Plan
        What to verify.
    command : str
        The command that is noted in ``verdicts.json``.
    progress : bool, default False
        Show progress bars.

    Returns
    -------
    Report
        Verdicts, lemma checks, the JSON text and the files written.

    Raises
    ------
    OSError
        If the directory cannot be written, before any work starts.
    """
    made = [path for path in (plan.out, *plan.out.parents) if not path.exists()]
    plan.out.mkdir(parents=True, exist_ok=True)
    try:
        check_writable(plan.out / "verdicts.json")
        return _run_plan(plan, command, progress)
    except BaseException:
        for path in made:
            if not any(path.iterdir()):
                path.rmdir()
        raise


def _run_plan(plan: Plan, command: str, progress: bool) -> Report:
    families = plan.families()
    workers = default_workers() if plan.workers is None else plan.workers
    with executor(workers) as pool:
        runs = _run_families(plan, families, pool, progress)
        lemmas = _run_lemmas(plan, pool, progress)
    verdicts, records = _judge(plan, families, runs)
    records += [results.lemma_record(check) for check in lemmas]
    text = results.as_json(results.document(command, records))
    files = _draw(plan, runs, lemmas)
    path = plan.out / "verdicts.json"
    results.write_whole(path, text.encode())
    return Report(verdicts, lemmas, text, [*files, path])


def _judge(
    plan: Plan, families: dict[str, Family], runs: dict[str, list[Observation]]
) -> tuple[list[Verdict], list[dict[str, Any]]]:
    """Judge every claim that is asked for; return the verdicts, and their records."""
    verdicts, records = [], []
    for name, family in families.items():
        if name in plan.theorems():
            found = judge_theorem(bounds.THEOREMS[name], family, runs[name], plan.epsilon)
        else:
            found = []
        if name == "mild-pruning" and plan.wants_lemmas():
            found.append(judge_path_lemma(family, runs[name], plan.epsilon))
        verdicts += found
        records += [results.verdict_record(one, family, runs[name], plan.epsilon) for one in found]
    return verdicts, records


def _run_families(
    plan: Plan, families: dict[str, Family], pool: Executor | None, progress: bool
) -> dict[str, list[Observation]]:
    """Run every family, and the grid of p for the figure, as one heap of tasks."""
    heaps = {
        name: family_tasks(name, family, seed_list(plan.seeds), plan.epsilon, plan.engine)
        for name, family in families.items()
    }
    if "mild-pruning" in plan.theorems():
        heaps["p-grid"] = [
            Task(observe, ("mild-pruning", problem, seed, plan.epsilon, plan.engine), 1e9)
            for problem in plan.p_grid()
            for seed in P_GRID_SEEDS
        ]
    done = iter(run_tasks([task for heap in heaps.values() for task in heap], pool, progress))
    return {name: [next(done) for _ in heap] for name, heap in heaps.items()}


def _run_lemmas(plan: Plan, pool: Executor | None, progress: bool) -> list[LemmaCheck]:
    if not plan.wants_lemmas():
        return []
    return check_lemmas(
        lambda problem, seeds: count_in_parallel(problem, seeds, pool, progress),
        LEMMA_DRAWS,
        plan.noise,
    )


def _draw(plan: Plan, runs: dict[str, list[Observation]], lemmas: list[LemmaCheck]) -> list[Path]:
    """Draw every figure of the plan."""
    from theorycheck import plots

    files = []
    with plots.house_style():
        for name in plan.theorems():
            shown = typical_run(runs[name])
            figure = plots.trajectory_figure(shown, name, plan.epsilon)
            files += plots.save(figure, plan.out, f"{name}-trajectory")
        if "p-grid" in runs:
            figure = plots.new_figure()
            plots.plot_test_loss(runs["p-grid"], plan.epsilon, figure.subplots())
            files += plots.save(figure, plan.out, "test-loss")
        if lemmas:
            figure = plots.new_figure()
            plots.plot_lemmas(lemmas, figure.subplots())
            files += plots.save(figure, plan.out, "lemmas")
    return files


def typical_run(runs: list[Observation]) -> Observation:
    """Choose the run to show: in the event where there is one, the largest size, the first seed."""
    return min(runs, key=lambda run: (not run.in_event, -run.problem.d, run.seed))


def text_lines(report: Report) -> Iterator[str]:
    """Yield one line a claim: measured, bound, implied constant, outcome, reason."""
    last = ""
    for verdict in sorted(report.verdicts, key=lambda one: one.theorem == "lemmas"):
        if verdict.theorem != last:
            last = verdict.theorem
            theorem = bounds.THEOREMS.get(last)
            yield f"{theorem.title}: {theorem.statement}" if theorem else "Lemma on the path"
        yield "  " + verdict_line(verdict)
    if report.lemmas:
        yield "Lemmas: how often each event fails"
        for check in report.lemmas:
            yield (
                f"  {check.lemma:20} {check.outcome:15} empirical {check.failures}/{check.draws}"
                f"  {check.exact_kind} exact {check.exact:.3g}  bound {check.bound:.3g}"
                f"  | {check.reason}"
            )
    outcomes = report.outcomes
    counted = ", ".join(
        f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes)
    )
    yield f"{counted}; figures and verdicts.json in {report.files[-1].parent}"


def verdict_line(verdict: Verdict) -> str:
    """Write a verdict on one line; the numbers are those at the largest size."""
    at = verdict.sizes[-1]
    bound = bound_text(at.bound, at.log_bound if math.isfinite(at.log_bound) else None)
    median, high = verdict.implied_constant
    return (
        f"{verdict.claim:18} {verdict.outcome:15} measured {at.measured:.3g}  "
        f"{verdict.order} bound {bound}  implied constant {median:.3g} ({high:.3g})  "
        f"at {verdict.along} = {at.size:g}, t* = {at.step:.3g}  "
        f"runs {verdict.runs} of {verdict.total}  | {verdict.reason}"
    )
