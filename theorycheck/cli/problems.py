"""The commands on one problem or one statement: simulate, bound, cite, list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theorycheck.cli.options import (
    Complete,
    TheoremName,
    letter_options,
    make_problem,
    problem_options,
)
from theorycheck.defaults import EPSILON
from theorycheck.printing import tell

if TYPE_CHECKING:
    from bounds import Boundary, Claim


@click.command(cls=Complete)
@problem_options
@click.option("--epsilon", type=float, default=EPSILON, show_default=True, help="target loss")
@click.option(
    "--engine", default="auto", show_default=True, help="weights, gram, flow, gram-law or auto"
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--max-steps", type=float, help="stop after so many steps  [default: none]")
@click.option("--rtol", type=float, default=1e-5, show_default=True,
              help="relative error of step counts that leaping may cause")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("run.npz"),
              show_default=True, help="the .npz file to write")  # fmt: skip
def simulate(
    epsilon: float,
    engine: str,
    seed: int,
    max_steps: float | None,
    rtol: float,
    out: Path,
    **options: Any,
) -> int:
    """Train one network and save its trajectory; the theorem regime where options are silent.

    Exit status: 0, 1 when the run diverged, which is saved all the same, 2 on bad usage, 3 on an
    internal error.
    """
    from sims import simulate as run_simulation
    from theorycheck.files import check_writable

    problem = make_problem(options)
    check_writable(out)
    progress = sys.stderr.isatty()
    run = run_simulation(
        problem, seed, engine, epsilon, max_steps=max_steps, rtol=rtol, progress=progress
    )
    run.save(out)
    tell(
        [
            f"{run.status}: {run.reason} (engine {run.engine})",
            f"loss {run.loss[-1]:.4g}, max gamma {run.gamma[-1].max():.4g}, "
            f"max zeta {run.zeta[-1].max():.4g}, max |omega| {abs(run.omega[-1]).max():.4g}",
            f"{run.fitted_by_signal:.2f} of the training samples fitted by their signal",
            f"written to {out}",
        ],
        f"it is in {out}",
    )
    return 1 if run.status == "diverged" else 0  # a failed run, as in a sweep


@click.command(cls=Complete)
@click.argument("theorem", type=TheoremName())
@letter_options
@click.option("--epsilon", type=float, default=EPSILON, show_default=True, help="target loss")
@click.option("--format", "form", type=click.Choice(["text", "json", "latex"]), default="text",
              show_default=True)  # fmt: skip
def bound(theorem: str, epsilon: float, form: str, **options: Any) -> int:
    """Evaluate every premise and claim of THEOREM at one problem."""
    from theorycheck.reporting.statements import as_text, statement_table

    table = statement_table(theorem, make_problem(options), epsilon)
    if form == "json":
        from theorycheck.files import as_json

        click.echo(as_json(table), nl=False)
    elif form == "latex":
        from theorycheck.judging.theorems import find
        from theorycheck.reporting.text import statement_latex

        click.echo(statement_latex(find(theorem).theorem, table))
    else:
        click.echo(as_text(table))
    return 0


@click.command(cls=Complete)
@click.argument("theorem", type=TheoremName("all"), default="all")
def cite(theorem: str) -> int:
    """Print what to cite as BibTeX: this tool, and the paper of THEOREM or of all."""
    from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find
    from theorycheck.reporting.cite import bibtex

    cited = BUILT_IN_THEOREMS.values() if theorem == "all" else [find(theorem).theorem]
    click.echo(bibtex(cited), nl=False)
    return 0


@click.command("list", cls=Complete)
@click.argument("theorem", type=TheoremName("lemmas", "predictions", "all"), default="all")
def list_statements(theorem: str) -> int:
    """List what can be checked: theorems and their claims, the lemmas, the predictions.

    THEOREM lists one theorem, the lemmas or the predictions alone  [default: all].
    """
    import bounds
    from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find
    from theorycheck.predictions.experiments import STATEMENTS

    others = ("all", "lemmas", "predictions")
    stated = () if theorem in others else (BUILT_IN_THEOREMS.get(theorem) or find(theorem).theorem,)
    for one in BUILT_IN_THEOREMS.values() if theorem == "all" else stated:
        click.echo(f"{one.id}: {one.statement} [{one.source.tag}]")
        parts: list[Claim | Boundary] = [*one.claims.values(), *one.boundaries.values()]
        for part in parts:
            click.echo(f"  {part.id}: {part.statement} [{part.source.tag}]")
    if theorem in ("lemmas", "all"):
        click.echo("lemmas: used by both theorems")
        for lemma in bounds.LEMMAS.values():
            click.echo(f"  {lemma.id}: {lemma.statement} [{lemma.source.tag}]")
    if theorem in ("predictions", "all"):
        click.echo("predictions: sharp laws that what is measured approaches [derived]")
        for id, statement in STATEMENTS.items():
            click.echo(f"  {id}: {statement} [derived]")
    return 0
