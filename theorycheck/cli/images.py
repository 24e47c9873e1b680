"""The command on images: digits."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from theorycheck.cli.options import Integers, Names, Numbers
from theorycheck.printing import tell


@click.command()
@click.option("--data", default="made", show_default=True, metavar="PATH",
              help="made, or an npz, IDX or CSV file, or a folder of IDX or JSON")  # fmt: skip
@click.option(
    "--pruning", type=Names(), help="masks: random,magnitude,snip,grasp,synflow  [default: random]"
)
@click.option(
    "--layers", type=click.Choice(["first", "all"]), help="which are pruned  [default: first]"
)
@click.option(
    "--p", type=Numbers(), help="shares of weights to KEEP  [default: 1,0.5,0.2,0.1,0.05]"
)
@click.option("--n", type=int, help="training images  [default: 100]")
@click.option("--test", type=int, help="test images; the others make the signals  [default: 1000]")
@click.option("--hidden", type=Integers(), help="units of one or two hidden layers  [default: 100]")
@click.option(
    "--noise", type=float, help="standard deviation of the noise on a pixel  [default: 0.25]"
)
@click.option("--eta", type=float, help="learning rate  [default: 0.5]")
@click.option("--epsilon", type=float, help="target loss  [default: 0.05]")
@click.option("--max-steps", type=int, help="stop a run after so many steps  [default: 2000]")
@click.option("--seeds", type=int, help="repetitions  [default: 5]")
@click.option("--workers", type=int, help="processes  [default: as many as processors]")
@click.option("--out", type=click.Path(path_type=Path), default=Path("theorycheck-report"),
              show_default=True, help="directory for digits.json, .svg and .png")  # fmt: skip
def digits(data: str, workers: int | None, out: Path, **options: Any) -> int:
    """Prune a perceptron on images of digits, beside what only looks like pruning.

    Three arms are always shown together: pruned; not pruned, the start times sqrt(p); pruned, the
    kept weights over sqrt(p). It measures and gives no verdict: no theorem here speaks of images.
    """
    from theorycheck.commands.images.digits import write_digits
    from theorycheck.images.plan import DigitsPlan
    from theorycheck.running.tasks import default_workers

    plan = DigitsPlan(**{name: given for name, given in options.items() if given is not None})
    command = shlex.join(["theorycheck", *sys.argv[1:]])
    workers = default_workers() if workers is None else workers
    lines = write_digits(data, plan, out, command, workers, sys.stderr.isatty())
    tell(lines, f"it is in {out / 'digits.json'}")
    return 0
