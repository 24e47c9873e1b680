"""The commands on a store: sweep, status, rerun, export."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from theorycheck.cli.options import WORKERS, Complete

if TYPE_CHECKING:
    from theorycheck.running.store import Store


@click.command(cls=Complete)
@click.argument("study", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--store", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="the file that keeps the runs; made where there is none")  # fmt: skip
@click.option("--workers", type=int, help=WORKERS)
@click.option("--dask", metavar="ADDRESS", help="a Dask scheduler, or: local  [default: none]")
@click.option("--retry-failed", is_flag=True, help="make failed runs again  [default: off]")
def sweep(study: Path, store: Path, **options: Any) -> int:
    """Make every run of the file STUDY that the store does not have (docs/sweeps.md).

    Interrupted or killed, the same command goes on. Exit status: 0 when every run is done, 1 when
    some failed, 2 on bad usage, 3 on an internal error.
    """
    from theorycheck.running.sweep import run_sweep

    found = run_sweep(study, store, progress=sys.stderr.isatty(), **options)
    click.echo(f"{store}: {found} done, {found.failed} failed, {found.missing} missing")
    return 1 if found.failed or found.missing else 0


@click.command(cls=Complete)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--check", is_flag=True, help="read every run and compare it with its digest  [default: off]"
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
def status(store: Path, check: bool, form: str) -> int:
    """Say how many runs of STORE are done, failed and missing."""
    from theorycheck.running.store import open_store

    with open_store(store) as opened:
        if check:
            opened.check()
        if form == "json":
            click.echo(json.dumps(store_counts(opened)))
        else:
            click.echo("\n".join(status_lines(opened)))
    return 0


@click.command(cls=Complete)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("id")
def rerun(store: Path, id: str) -> int:
    """Make the run of STORE whose key starts with ID again, and compare.

    Exit status: 0 when it comes out the same, 1 when it does not, 2 on bad usage, 3 on an
    internal error.
    """
    from theorycheck.running.rerun import rerun as repeat
    from theorycheck.running.store import open_store

    with open_store(store) as opened:
        found = repeat(opened.find(id))
    click.echo(f"{found.key}: {'agrees' if found.agrees else 'DIFFERS'}: {found.reason}")
    return 0 if found.agrees else 1


@click.command(cls=Complete)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="directory for runs.csv and runs/KEY.npz")  # fmt: skip
def export(store: Path, out: Path) -> int:
    """Write the runs of STORE to runs.csv and one .npz file each."""
    from theorycheck.running.export import export as write_out
    from theorycheck.running.store import open_store

    with open_store(store) as opened:
        count = write_out(opened, out)
    click.echo(f"{count} runs written to {out}")
    return 0


WIDEST_REASON = 100


def store_counts(store: Store) -> dict[str, Any]:
    """Return how many runs are done, failed, missing, and how many there are in all."""
    found = store.progress()
    return {
        "done": found.done,
        "failed": found.failed,
        "missing": found.missing,
        "total": found.total,
    }


def status_lines(store: Store) -> list[str]:
    """Return the same as text, with the most common reasons of failed runs."""
    from theorycheck.running.store import MOST_REASONS

    found = store.progress()
    lines = [f"{store.path}: {found} done, {found.failed} failed, {found.missing} missing"]
    failures = store.failures()
    for reason, count, key in failures[:MOST_REASONS]:
        lines.append(f"  {count} failed, as run {key[:12]}: {reason[:WIDEST_REASON]}")
    if len(failures) > MOST_REASONS:
        lines.append(f"  and for {len(failures) - MOST_REASONS} more reasons")
    return lines


def _write_run(path: Path, out: Path, style: str) -> list[Path]:
    from sims import Trajectory
    from theorycheck.reporting.figures.run_files import write_run

    return write_run(Trajectory.load(path), out, path.stem, style)


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("figures"),
              show_default=True, help="the directory for the files")  # fmt: skip
@click.option("--claim", "claims", multiple=True, metavar="ID", help="this claim  [default: all]")
@click.option("--style", type=click.Choice(["house", "paper"]), default="house", show_default=True,
              help="paper: 8.6 cm wide, Computer Modern, for a page set in LaTeX")  # fmt: skip
def figures(results: Path, out: Path, claims: tuple[str, ...], style: str) -> int:
    """Write the figure of every claim of RESULTS as PDF, SVG and PNG, with its numbers as CSV.

    RESULTS is the directory of a report, its verdicts.json, a store, or one run of `simulate`,
    whose course is drawn.
    """
    from theorycheck.commands.results import load_results
    from theorycheck.reporting.figures.claim_files import write_claims

    if results.suffix == ".npz":
        if claims:
            raise ValueError(f"--claim needs results with verdicts, and {results} is one run")
        click.echo(f"{len(_write_run(results, out, style))} files in {out}")
        return 0
    written = write_claims(load_results(results), out, style, claims)
    if not written:
        raise ValueError(f"RESULTS must hold a claim with runs, and {results} has none")
    click.echo(f"{len(written)} files in {out}")
    return 0
