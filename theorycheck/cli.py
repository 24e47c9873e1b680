"""The command line: parse, call the library, print."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from traceback import print_exception
from typing import TYPE_CHECKING, Any

import click

from theorycheck import __version__, cli_stores
from theorycheck.cli_options import (
    NUMBERS,
    Integers,
    Names,
    Numbers,
    default,
    letter_options,
    make_problem,
    problem_options,
)
from theorycheck.defaults import EPSILON, MUTANT_SEEDS, SIZES
from theorycheck.printing import complain, lasting_streams, tell
from theorycheck.refusals import is_refusal

if TYPE_CHECKING:
    from theorycheck.run_plan import Report

_sizes = ",".join(f"{size:.0e}".replace("e+0", "e").replace("e+", "e") for size in SIZES)

BAD_USAGE = 2
INTERNAL_ERROR = 3
INTERRUPTED = 130
TRACEBACK = "THEORYCHECK_TRACEBACK"  # in the environment: show where an error was raised


class OneSentence(click.Group):
    """A group that answers whatever goes wrong with one sentence and an exit status above 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen; what it raises ends it with one line."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            if os.environ.get(TRACEBACK):
                print_exception(error)
            message, status = _answer(error)
            return _complain(message, status)

    @lasting_streams()
    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command, and end with its exit status."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            status = 0
        except click.ClickException as error:
            status = _complain(error.format_message(), BAD_USAGE)
        except click.Abort:  # an interrupt before any command was chosen
            status = _complain(*_answer(KeyboardInterrupt()))
        sys.exit(status if isinstance(status, int) else 0)


def _answer(error: BaseException) -> tuple[str, int]:
    """Return what to say of an error, and the exit status that stands for it."""
    match error:
        case KeyboardInterrupt():
            return "interrupted", INTERRUPTED
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}", BAD_USAGE
        case OSError():
            return str(error), BAD_USAGE
        case MemoryError():
            return f"this does not fit into memory: {error or 'out of it'}", BAD_USAGE
        case _ if is_refusal(error):
            return str(error), BAD_USAGE
    what = f"{type(error).__name__}: {error}"
    return f"internal error: {what} ({TRACEBACK}=1 shows where)", INTERNAL_ERROR


def _complain(message: str, status: int) -> int:
    complain(message)
    return status


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="theorycheck")
def main() -> None:
    """Check theorems about randomly pruned networks against exact simulations of them."""


@main.command()
@click.argument("theorem", default="all")
@click.option("--d", type=Integers(), help=f"sizes of the family  [{_sizes}]")
@click.option("--along", type=Names(), help="move one parameter alone, or each of several: "
              "d,n,m,K,p,mu,sigma_0,eta,epsilon  [d in the regime]")  # fmt: skip
@click.option("--seeds", type=int, help="seeds at each size" + default("seeds"))
@click.option("--n", type=int, help=NUMBERS["n"] + default("n"))
@click.option("--m", type=int, help=NUMBERS["m"] + default("m"))
@click.option("--K", "K", type=int, help=NUMBERS["K"] + default("K"))
@click.option(
    "--p", type=float, help="probability to KEEP a weight under mild pruning" + default("p")
)
@click.option(
    "--noise", type=click.Choice(["isotropic", "orthogonal"]), help=default("noise").strip()
)
@click.option("--epsilon", type=float, help="target loss" + default("epsilon"))
@click.option("--engine", help="weights, gram, flow, gram-law or auto" + default("engine"))
@click.option("--workers", type=int, help="processes  [as many as processors]")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for page, figures, verdicts.json")  # fmt: skip
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False),
              help="a file that keeps the runs; those it has are not made")  # fmt: skip
def verify(form: str, along: tuple[str, ...] | None, **options: Any) -> int:
    """Check THEOREM on a family of sizes: mild-pruning, over-pruning, lemmas, all or my_theorem.py.

    d, n, m, K, p and noise make the family in the theorem regime; a module's FAMILY and --along
    bring their own, --along with its epsilon and engine. An option that THEOREM cannot use is
    refused. Interrupted with a store, the same command goes on. Exit status: 0 when nothing is
    refuted, 1 when something is, 2 on bad usage, 3 on an internal error.

    What is written takes the place of what an older check wrote to the same directory. Other files
    stay there, those of calibrate, phase and falsify among them.
    """
    from theorycheck.plan import Plan
    from theorycheck.run_plan import run_plan

    command = shlex.join(["theorycheck", *sys.argv[1:]])
    plan = Plan(along=along or (), **options)
    report = run_plan(plan, command, progress=sys.stderr.isatty())
    tell(_lines(report, form), f"it is in {options['out'] / 'verdicts.json'}")
    return 1 if report.refuted else 0


def _lines(report: Report, form: str) -> Iterator[str]:
    """Yield a report in a form: lines, or the whole of a file as one."""
    from theorycheck.text import text_lines
    from theorycheck.verdict_table import as_csv

    if form == "text":
        yield from text_lines(report)
    elif form == "csv":
        yield as_csv(json.loads(report.json)["verdicts"]).removesuffix("\n")
    else:
        yield report.json.removesuffix("\n")


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for index.html")  # fmt: skip
@click.option("--theorem", metavar="MODULE.py", help="the module of the theorem of your own that "
              "a store holds a check of")  # fmt: skip
def report(results: Path, out: Path, theorem: str | None) -> int:
    """Make the page of RESULTS: a verdicts.json, the directory it lies in, or a store.

    A report imports nothing that its results name. The runs of a theorem of your own are judged by
    its module with the text that `verify` checked, which is given with --theorem. A directory with
    the verdicts of another check is refused.
    """
    from theorycheck.report import load_results, write_report
    from theorycheck.report_directory import check_page_belongs

    check_page_belongs(results, out)
    tell([f"written to {write_report(load_results(results, theorem), out)}"])
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
@click.option("--along", type=Names(), help="parameters to move  [all]")
@click.option("--seeds", type=int, default=MUTANT_SEEDS, show_default=True,
              help="seeds at each size")  # fmt: skip
@click.option("--workers", type=int, help="processes  [as many as processors]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), help="directory for falsify.json, .svg, .png"
)
def falsify(
    theorem: str,
    along: tuple[str, ...] | None,
    seeds: int,
    workers: int | None,
    form: str,
    out: Path | None,
) -> int:
    """Change the claims of THEOREM and count how many of the false ones are refuted.

    All paths take about a quarter of an hour on two cores. Exit status: 0 when no true claim is
    refuted, 1 when one is, 2 on bad usage, 3 on an internal error.
    """
    from theorycheck.falsify import falsify_theorem, report_lines
    from theorycheck.results import as_json

    command = shlex.join(["theorycheck", *sys.argv[1:]])
    found = falsify_theorem(
        theorem, along or (), seeds, workers, out, command, progress=sys.stderr.isatty()
    )
    if form == "json":
        lines = iter([as_json(found.document(command)).removesuffix("\n")])
    else:
        lines = report_lines(found)
    tell(lines, f"it is in {out / 'falsify.json'}" if out else "")
    return 1 if found.refuted_true[0] else 0


@main.command()
@problem_options
@click.option("--epsilon", type=float, default=EPSILON, show_default=True, help="target loss")
@click.option(
    "--engine", default="auto", show_default=True, help="weights, gram, flow, gram-law or auto"
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--max-steps", type=float, help="stop after so many steps")
@click.option("--rtol", type=float, default=1e-5, show_default=True,
              help="relative error of step counts that leaping may cause")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="the .npz file to write")  # fmt: skip
def simulate(
    epsilon: float,
    engine: str,
    seed: int,
    max_steps: float | None,
    rtol: float,
    out: Path,
    **options: Any,
) -> int:
    """Train one network and save its trajectory; the theorem regime where options are silent."""
    from sims import simulate as run_simulation
    from theorycheck.results import check_writable

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
            f"max zeta {run.zeta[-1].max():.4g}, max |omega| {-run.omega[-1].min():.4g}",
            f"written to {out}",
        ],
        f"it is in {out}",
    )
    return 0


@main.command()
@click.argument("theorem")
@letter_options
@click.option("--epsilon", type=float, default=EPSILON, show_default=True, help="target loss")
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
        lines = [written[0].read_text(encoding="utf-8").removesuffix("\n")]
    else:
        lines = [*calibration.text_lines(found), f"written to {out}"]
    tell(lines, f"it is in {written[0]}")
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
@click.option("--epsilon", type=float, help=f"target loss  [{EPSILON:g}]")
@click.option("--max-steps", type=float, help="stop a run after so many steps")
@click.option("--workers", type=int, help="processes  [as many as processors]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for phase.svg, .png and .csv")  # fmt: skip
def phase(workers: int | None, out: Path, **options: Any) -> int:
    """Map the test error over p and SNR, with the boundaries predicted for it; mu = 1."""
    from theorycheck.phase_diagram import PhaseGrid, write_phases
    from theorycheck.tasks import default_workers

    grid = PhaseGrid(**{name: given for name, given in options.items() if given is not None})
    workers = default_workers() if workers is None else workers
    lines = write_phases(grid, out, workers, progress=sys.stderr.isatty())
    tell(lines, f"it is in {out / 'phase.csv'}")
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
