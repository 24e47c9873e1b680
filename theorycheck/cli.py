"""The command line: parse, call the library, print."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from theorycheck import __version__, cli_stores
from theorycheck.cli_options import NUMBERS, Integers, Names, Numbers, make_problem, problem_options

BAD_USAGE = 2
INTERRUPTED = 130


class OneSentence(click.Group):
    """A group that answers bad usage with one sentence and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen; an interrupt ends it with one line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("theorycheck: interrupted", err=True)
            return INTERRUPTED

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; every expected failure becomes one line on standard error."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            status = 0
        except click.ClickException as error:
            status = _complain(error.format_message())
        except (ValueError, OSError) as error:
            status = _complain(_sentence(error))
        except MemoryError as error:
            status = _complain(f"this does not fit into memory: {error or 'out of it'}")
        sys.exit(status if isinstance(status, int) else 0)


def _complain(message: str) -> int:
    click.echo(f"theorycheck: {' '.join(message.split())}", err=True)
    return BAD_USAGE


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="theorycheck")
def main() -> None:
    """Check theorems about randomly pruned networks against exact simulations of them."""


@main.command()
@click.argument("theorem", default="all")
@click.option("--d", type=Integers(), help="sizes of the family  [1e4,1e6,1e8,1e10,1e12]")
@click.option("--along", type=Names(), default="", help="move one parameter alone, or each of "
              "several: d,n,m,K,p,mu,sigma_0,eta,epsilon  [d in the regime]")  # fmt: skip
@click.option("--seeds", type=int, default=20, show_default=True, help="seeds at each size")
@click.option("--n", type=int, default=10, show_default=True, help=NUMBERS["n"])
@click.option("--m", type=int, default=6, show_default=True, help=NUMBERS["m"])
@click.option("--K", "K", type=int, default=2, show_default=True, help=NUMBERS["K"])
@click.option("--p", type=float, default=0.7, show_default=True,
              help="probability to KEEP a weight under mild pruning")  # fmt: skip
@click.option("--noise", type=click.Choice(["isotropic", "orthogonal"]), default="isotropic",
              show_default=True)  # fmt: skip
@click.option("--epsilon", type=float, default=0.05, show_default=True, help="target loss")
@click.option(
    "--engine", default="auto", show_default=True, help="weights, gram, flow, gram-law or auto"
)
@click.option("--workers", type=int, help="processes  [as many as processors]")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for page, figures, verdicts.json")  # fmt: skip
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False),
              help="a file that keeps the runs; those it has are not made")  # fmt: skip
def verify(form: str, **options: Any) -> int:
    """Check THEOREM on a family of sizes: mild-pruning, over-pruning, lemmas, all or my_theorem.py.

    d, n, m, K, p and noise make the family in the theorem regime; a module's FAMILY and --along
    bring their own, --along with its epsilon and engine. Interrupted with a store, the same command
    goes on. Exit status: 0 when nothing is refuted, 1 when something is, 2 on bad usage.
    """
    from theorycheck.plan import Plan
    from theorycheck.run_plan import run_plan
    from theorycheck.text import text_lines

    command = shlex.join(["theorycheck", *sys.argv[1:]])
    report = run_plan(Plan(**options), command, progress=sys.stderr.isatty())
    if form == "json":
        click.echo(report.json, nl=False)
    elif form == "csv":
        from theorycheck.verdict_table import as_csv

        click.echo(as_csv(json.loads(report.json)["verdicts"]), nl=False)
    else:
        for line in text_lines(report):
            click.echo(line)
    return 1 if report.refuted else 0


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for index.html")  # fmt: skip
def report(results: Path, out: Path) -> int:
    """Make the page of RESULTS: a verdicts.json, the directory it lies in, or a store."""
    from theorycheck.report import load_results, write_report

    click.echo(f"written to {write_report(load_results(results), out)}")
    return 0


@main.command()
@click.argument("theorem", default="all")
def cite(theorem: str) -> int:
    """Print what to cite as BibTeX: this tool, and the paper of THEOREM or of all."""
    import bounds
    from theorycheck.cite import bibtex
    from theorycheck.theorems import find

    cited = bounds.THEOREMS.values() if theorem == "all" else [find(theorem).theorem]
    click.echo(bibtex(cited), nl=False)
    return 0


@main.command()
@click.argument("theorem")
@click.option("--along", type=Names(), default="", help="parameters to move  [all]")
@click.option("--seeds", type=int, default=24, show_default=True, help="seeds at each size")
@click.option("--workers", type=int, help="processes  [as many as processors]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), help="directory for falsify.json, .svg, .png"
)
def falsify(
    theorem: str,
    along: tuple[str, ...],
    seeds: int,
    workers: int | None,
    form: str,
    out: Path | None,
) -> int:
    """Change the claims of THEOREM and count how many of the false ones are refuted.

    All paths take about a quarter of an hour on two cores. Exit status: 0 when no true claim is
    refuted, 1 when one is, 2 on bad usage.
    """
    from theorycheck.falsify import falsify_theorem, report_lines
    from theorycheck.results import as_json

    command = shlex.join(["theorycheck", *sys.argv[1:]])
    found = falsify_theorem(
        theorem, along, seeds, workers, out, command, progress=sys.stderr.isatty()
    )
    if form == "json":
        click.echo(as_json(found.document(command)), nl=False)
    else:
        for line in report_lines(found):
            click.echo(line)
    return 1 if found.refuted_true[0] else 0


@main.command()
@problem_options
@click.option("--epsilon", type=float, default=0.05, show_default=True, help="target loss")
@click.option(
    "--engine", default="auto", show_default=True, help="weights, gram, flow, gram-law or auto"
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--max-steps", type=float, help="stop after so many steps")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="the .npz file to write")  # fmt: skip
def simulate(
    epsilon: float, engine: str, seed: int, max_steps: float | None, out: Path, **options: Any
) -> int:
    """Train one network and save its trajectory; the theorem regime where options are silent."""
    from sims import simulate as run_simulation
    from theorycheck.results import check_writable

    problem = make_problem(options)
    check_writable(out)
    progress = sys.stderr.isatty()
    run = run_simulation(problem, seed, engine, epsilon, max_steps=max_steps, progress=progress)
    run.save(out)
    click.echo(f"{run.status}: {run.reason} (engine {run.engine})")
    click.echo(
        f"loss {run.loss[-1]:.4g}, max gamma {run.gamma[-1].max():.4g}, "
        f"max zeta {run.zeta[-1].max():.4g}, max |omega| {-run.omega[-1].min():.4g}"
    )
    click.echo(f"written to {out}")
    return 0


@main.command()
@click.argument("theorem")
@problem_options
@click.option("--epsilon", type=float, default=0.05, show_default=True, help="target loss")
@click.option("--format", "form", type=click.Choice(["text", "json", "latex"]), default="text",
              show_default=True)  # fmt: skip
def bound(theorem: str, epsilon: float, form: str, **options: Any) -> int:
    """Evaluate every premise and claim of THEOREM at one problem."""
    from theorycheck.statement_table import as_text, statement_table

    table = statement_table(theorem, make_problem(options), epsilon)
    if form == "json":
        from theorycheck.results import as_json

        click.echo(as_json(table), nl=False)
    elif form == "latex":
        from theorycheck.latex_table import as_latex
        from theorycheck.theorems import find

        click.echo(as_latex(find(theorem).theorem, table))
    else:
        click.echo(as_text(table))
    return 0


@main.command()
@click.option("--repetitions", type=click.IntRange(1), default=1000, show_default=True,
              help="checks of each kind")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for the figure and calibration.json")  # fmt: skip
def calibrate(repetitions: int, seed: int, form: str, out: Path) -> int:
    """Measure how often the checker itself is wrong, on made-up claims whose truth is known."""
    from theorycheck import calibration
    from theorycheck.results import check_writable

    command = shlex.join(["theorycheck", *sys.argv[1:]])
    out.mkdir(parents=True, exist_ok=True)
    check_writable(out / "calibration.json")
    found = calibration.calibrate(repetitions, seed, progress=sys.stderr.isatty())
    written = calibration.write_calibration(found, out, command)
    if form == "json":
        click.echo(written[0].read_text(encoding="utf-8"), nl=False)
    else:
        click.echo("\n".join([*calibration.text_lines(found), f"written to {out}"]))
    return 0


@main.command()
@click.option("--p", type=Numbers(), help="probabilities to KEEP a weight  [12, 0.02 to 1]")
@click.option("--snr", type=Numbers(), help="SNR = mu/(sigma_n sqrt(d))  [12, 0.1 to 1]")
@click.option("--seeds", type=int, help="runs in each cell  [4]")
@click.option("--d", type=float, help=f"{NUMBERS['d']}  [4000]")
@click.option("--n", type=float, help=f"{NUMBERS['n']}  [20]")
@click.option("--m", type=float, help=f"{NUMBERS['m']}  [20]")
@click.option("--K", "K", type=float, help=f"{NUMBERS['K']}  [2]")
@click.option("--sigma-0", type=float, help="standard deviation of the initial weights  [0.001]")
@click.option("--eta", type=float, help="learning rate  [0.1]")
@click.option("--noise", type=click.Choice(["isotropic", "orthogonal"]), help="[orthogonal]")
@click.option("--epsilon", type=float, help="target loss  [0.05]")
@click.option("--max-steps", type=float, help="stop a run after so many steps")
@click.option("--workers", type=int, help="processes  [as many as processors]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for phase.svg, .png and .csv")  # fmt: skip
def phase(workers: int | None, out: Path, **options: Any) -> int:
    """Map the test error over p and SNR, with the boundaries predicted for it; mu = 1."""
    from theorycheck.phase_diagram import PhaseGrid, write_phases
    from theorycheck.workers import default_workers

    grid = PhaseGrid(**{name: given for name, given in options.items() if given is not None})
    workers = default_workers() if workers is None else workers
    for line in write_phases(grid, out, workers, progress=sys.stderr.isatty()):
        click.echo(line)
    return 0


@main.command("list")
def list_statements() -> int:
    """List the theorems, their claims and the lemmas."""
    import bounds

    for theorem in bounds.THEOREMS.values():
        click.echo(f"{theorem.id}: {theorem.statement} [{theorem.source.tag}]")
        for claim in theorem.claims.values():
            click.echo(f"  {claim.id}: {claim.statement} [{claim.source.tag}]")
    click.echo("lemmas: used by both theorems")
    for lemma in bounds.LEMMAS.values():
        click.echo(f"  {lemma.id}: {lemma.statement} [{lemma.source.tag}]")
    return 0


for command in (cli_stores.sweep, cli_stores.status, cli_stores.rerun, cli_stores.export):
    main.add_command(command)
