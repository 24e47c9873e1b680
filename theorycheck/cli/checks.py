"""The commands that judge, change claims and map: judge, falsify, calibrate, phase, report."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from theorycheck.cli.options import (
    NUMBERS,
    PRUNINGS,
    WORKERS,
    Complete,
    Names,
    Numbers,
    TheoremName,
)
from theorycheck.defaults import EPSILON, MUTANT_SEEDS
from theorycheck.printing import tell


@click.command(cls=Complete)
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--bound", required=True, metavar="EXPR",
              help="the right side: numbers, columns, arithmetic, log, exp, sqrt")  # fmt: skip
@click.option("--order", required=True, type=click.Choice(["O", "Omega", "O~", "<=", ">="]),
              help="how the two compare; the last two hide nothing")  # fmt: skip
@click.option("--along", default="size", show_default=True, metavar="NAME",
              help="the column that grows or falls")  # fmt: skip
@click.option("--constant", type=float, default=1.0, show_default=True,
              help="the declared constant, a factor on the bound")  # fmt: skip
@click.option("--log-power", type=float,
              help="power of the logarithm that the order allows  "
              "[default: 2 for O~, else 0]")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
def judge(table: Path, form: str, **options: Any) -> int:
    """Judge the numbers in TABLE, a CSV file, as the runs of a check are judged.

    Its columns: seed, the one named by --along, measured, and the symbols that the bound uses; one
    line for each seed and size. A number that was not measured is nan or has no line; inf says that
    there is none, as where a run has no t*. Exit status: 0 when the claim is not refuted, 1 when it
    is, 2 on bad usage, 3 on an internal error.
    """
    from theorycheck.commands.judge_table import judge_table, verdict_lines, verdict_text

    verdict = judge_table(table, **options)
    command = shlex.join(["theorycheck", *sys.argv[1:]])
    if form == "json":
        tell([verdict_text(verdict, command).removesuffix("\n")])
    else:
        tell(verdict_lines(verdict))
    return 1 if verdict.outcome == "refuted" else 0


@click.command(cls=Complete)
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for index.html")  # fmt: skip
@click.option("--theorem", metavar="MODULE.py", help="the module of the theorem of your own that "
              "a store holds a check of  [default: none]")  # fmt: skip
def report(results: Path, out: Path, theorem: str | None) -> int:
    """Make the page of RESULTS: a verdicts.json, the directory it lies in, or a store.

    A report imports nothing that its results name. The runs of a theorem of your own are judged by
    its module with the text that `verify` checked, which is given with --theorem. A directory with
    the verdicts of another check is refused.
    """
    from theorycheck.commands.report_directory import check_page_belongs
    from theorycheck.commands.results import load_results, write_report

    check_page_belongs(results, out)
    tell([f"written to {write_report(load_results(results, theorem), out)}"])
    return 0


@click.command(cls=Complete)
@click.argument("theorem", type=TheoremName())
@click.option("--along", type=Names(), help="parameters to move  [default: all]")
@click.option("--seeds", type=int, default=MUTANT_SEEDS, show_default=True,
              help="seeds at each size")  # fmt: skip
@click.option("--workers", type=int, help=WORKERS)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="directory for falsify.json, .svg, .png  [default: none, nothing is written]",
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
    from theorycheck.commands.falsify import falsify_theorem, report_lines
    from theorycheck.files import as_json

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


@click.command(cls=Complete)
@click.option("--repetitions", type=click.IntRange(1), default=1000, show_default=True,
              help="checks of each kind")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for the figure and json")  # fmt: skip
def calibrate(repetitions: int, seed: int, form: str, out: Path) -> int:
    """Measure the checker itself, on made-up claims whose truth is known.

    How often a check of five claims has a wrong outcome: refuted where the median slope over draws
    is within tau, consistent where it is beyond, either where neither may be said. How often each
    interval that a verdict prints holds the truth. How surely a slope beyond tau is refuted.

    The thousand repetitions take about five minutes on one core.
    """
    from theorycheck.commands.calibration.calibrate import (
        calibrate,
        calibration_lines,
        write_calibration,
    )
    from theorycheck.files import check_writable

    command = shlex.join(["theorycheck", *sys.argv[1:]])
    out.mkdir(parents=True, exist_ok=True)
    check_writable(out / "calibration.json")
    found = calibrate(repetitions, seed, progress=sys.stderr.isatty())
    written = write_calibration(found, out, command)
    if form == "json":
        lines = [written[0].read_text(encoding="utf-8").removesuffix("\n")]
    else:
        lines = [*calibration_lines(found), f"written to {out}"]
    tell(lines, f"it is in {written[0]}")
    return 0


@click.command(cls=Complete)
@click.option("--x", metavar="NAME", help="what moves across: one of d, n, m, K, p, mu, sigma_n, "
              "sigma_0, eta, epsilon, snr  [default: p]")  # fmt: skip
@click.option("--y", metavar="NAME", help="what moves upwards  [default: snr]")
@click.option(
    "--p", type=Numbers(), help="probabilities to KEEP a weight  [default: 12, 0.02 to 1]"
)
@click.option("--snr", type=Numbers(), help="SNR = mu/(sigma_n sqrt(d))  [default: 12, 0.1 to 1]")
@click.option("--seeds", type=int, help="runs in each cell  [default: 4]")
@click.option("--d", type=Numbers(), help=f"{NUMBERS['d']}  [default: 4000]")
@click.option("--n", type=Numbers(), help=f"{NUMBERS['n']}  [default: 20]")
@click.option("--m", type=Numbers(), help=f"{NUMBERS['m']}  [default: 20]")
@click.option("--K", "K", type=Numbers(), help=f"{NUMBERS['K']}  [default: 2]")
@click.option("--mu", type=Numbers(), help="signal strength  [default: 1]")
@click.option(
    "--sigma-n", type=Numbers(), help="standard deviation of the noise  [default: by the SNR]"
)
@click.option("--sigma-0", type=Numbers(),
              help="standard deviation of the initial weights  [default: 0.001]")  # fmt: skip
@click.option("--eta", type=Numbers(), help="learning rate  [default: 0.1]")
@click.option(
    "--noise", type=click.Choice(["isotropic", "orthogonal"]), help="[default: orthogonal]"
)
@click.option("--signals", type=click.Choice(["axis", "antipodal"]), help="[default: axis]")
@click.option("--flip", type=float, help="probability of a wrong label  [default: 0]")
@click.option("--support", type=int, help="coordinates of each signal  [default: 1]")
@click.option("--pruning", type=click.Choice(PRUNINGS), help="[default: random]")
@click.option("--q", type=float, help="power of the activation  [default: 3]")
@click.option("--measure", type=click.Choice(["error", "loss"]), help="[default: error]")
@click.option("--epsilon", type=Numbers(), help=f"target loss  [default: {EPSILON:g}]")
@click.option("--max-steps", type=float, help="stop a run after so many steps  [default: none]")
@click.option("--boundary", metavar="EXPR", help="an index to draw where it is 1, as in "
              "'n*snr**q/1.8'  [default: none]")  # fmt: skip
@click.option("--workers", type=int, help=WORKERS)
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for phase.csv, .pdf, .svg and .png")  # fmt: skip
@click.option("--style", type=click.Choice(["house", "paper"]), default="house", show_default=True,
              help="paper: 8.6 cm wide, Computer Modern, for a page set in LaTeX")  # fmt: skip
def phase(workers: int | None, out: Path, boundary: str | None, style: str, **options: Any) -> int:
    """Map the test error over p and SNR, with the boundaries predicted for it, or over X and Y.

    What moves takes several numbers separated by commas, or the values it has by default; anything
    else takes one. Over X and Y the SNR is 0.5 and p is 1 where they are held. For antipodal
    signals the boundary of the theorems on them is drawn in, and the sharp one where it is known.
    """
    from theorycheck.commands.phase import phase_grid, write_phases
    from theorycheck.running.tasks import default_workers

    grid = phase_grid({name: given for name, given in options.items() if given is not None})
    workers = default_workers() if workers is None else workers
    lines = write_phases(grid, out, workers, sys.stderr.isatty(), boundary, style)
    tell(lines, f"it is in {out / 'phase.csv'}")
    return 0
