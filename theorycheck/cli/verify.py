"""The command that checks theorems: verify."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theorycheck.cli.options import (
    NUMBERS,
    WORKERS,
    Complete,
    Integers,
    Names,
    TheoremName,
    default,
)
from theorycheck.defaults import SIZES
from theorycheck.printing import (
    columns,
    complain,
    complain_unprinted,
    has_colours,
    in_one_line,
    tell,
    unprinted,
)

if TYPE_CHECKING:
    from theorycheck.reporting.findings import Findings


_sizes = ",".join(f"{size:.0e}".replace("e+0", "e").replace("e+", "e") for size in SIZES)


@click.command(cls=Complete)
@click.argument("theorem", type=TheoremName("lemmas", "predictions", "all"), default="all")
@click.option("--d", type=Integers(), help=f"sizes of the family  [default: {_sizes}]")
@click.option("--along", type=Names(), help="move one parameter alone, or each of several: "
              "d,n,m,K,p,mu,sigma_0,eta,epsilon  [default: several at once]")  # fmt: skip
@click.option("--seeds", type=int, help="draws of a path that are to count" + default("seeds"))
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
@click.option("--constant", multiple=True, metavar="CLAIM=C",
              help="hold a claim to another constant  [default: 1]")  # fmt: skip
@click.option(
    "--quick",
    is_flag=True,
    help="one path and fewer draws; no lemmas, predictions or figures  [default: off]",
)
@click.option("--p-grid", is_flag=True,
              help="runs over p too, for the page and the figure of test loss  "
              "[default: off]")  # fmt: skip
@click.option("--workers", type=int, help=WORKERS)
@click.option("--no-figures", is_flag=True, help="draw no figures  [default: off]")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text",
              show_default=True)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for page, figures, verdicts.json")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True,
              help="tell premises, intervals and reasons in full  [default: off]")  # fmt: skip
@click.option(
    "--open", "opens", is_flag=True, help="open the page in the browser at the end  [default: off]"
)
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False),
              help="a file that keeps the runs; those it has are not made  "
              "[default: none]")  # fmt: skip
def verify(
    form: str, along: tuple[str, ...] | None, verbose: bool, opens: bool, **options: Any
) -> int:
    """Check THEOREM: its name or the start of it, lemmas, predictions, all or my_theorem.py.

    THEOREM is mild-pruning, over-pruning (or: mild, over), one of another paper that `list` names,
    the lemmas, the sharp predictions, or a file of your own  [default: all].

    Where none is given, a theorem of a paper is checked on paths of its own. Any of d, n, m, K, p
    and noise asks for one path along d in the theorem regime instead, on which the others have the
    defaults below; a module's FAMILY and --along bring their own, --along with its epsilon and
    engine. An option that THEOREM cannot use is
    refused. Interrupted with a store, the same command goes on. Exit status: 0 when nothing is
    refuted, 1 when something is, 2 on bad usage, 3 on an internal error.

    What is written takes the place of what an older check wrote to the same directory. Other files
    stay there, those of calibrate, phase and falsify among them.
    """
    from theorycheck.commands.check import run_plan
    from theorycheck.commands.plan import Plan
    from theorycheck.reporting.terminal.layout import Layout
    from theorycheck.reporting.terminal.report import closing_lines, part_lines

    plan = Plan(along=along or (), **options)
    command = shlex.join(["theorycheck", *sys.argv[1:]])
    layout = Layout(columns(), has_colours(sys.stdout), verbose)
    kept = f"it is in {plan.out / 'verdicts.json'}"

    lost: list[Exception] = []

    def say(lines: Iterable[str]) -> None:
        if form == "text" and (error := unprinted(lines)):
            lost.append(error)  # told at the end, when what was found is kept

    def tell_part(part: Findings) -> None:
        say(part_lines(part, layout))

    def begin(stages: str) -> None:
        say([*layout.wrapped(f"Checking {stages}."), ""])

    progress = sys.stderr.isatty()
    report = run_plan(plan, command, progress=progress, tell=tell_part, begin=begin)
    say(closing_lines(report, layout))
    if lost:
        complain_unprinted(lost[0], kept)
    if form != "text":
        tell([_whole(report, form)], kept)
    if opens:
        _open_page(report)
    return 1 if report.refuted else 0


def _whole(report: Findings, form: str) -> str:
    """Return a report as the text of a file, without its last line break."""
    from theorycheck.reporting.text import verdicts_csv

    if form == "json":
        return report.json.removesuffix("\n")
    return verdicts_csv(json.loads(report.json)["verdicts"]).removesuffix("\n")


def _open_page(report: Findings) -> None:
    """Show the page in the browser; where that fails, say where it is."""
    import webbrowser

    page = next((path for path in report.files if path.suffix == ".html"), None)
    if page is None:
        complain("there is no page to open")
        return
    try:
        shown = webbrowser.open(page.resolve().as_uri())
        problem = "" if shown else "no browser was found"
    except Exception as error:
        problem = in_one_line(error)
    if problem:
        complain(f"the page could not be opened: {problem}", f"it is {page}")
