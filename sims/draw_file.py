"""A draw as the arrays of a run file, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sims.directions import Directions
from sims.draw import Draw
from sims.problem import Problem
from sims.signals import concentrated

PRODUCTS = ("noise_at_signal", "initial_signal", "initial_noise", "noise_norm2")
SPREAD = ("signal_kept", "along_signals")  # of spread signals; else a mask says as much


def draw_arrays(draw: Draw) -> dict[str, Any]:
    """Return what a run file keeps of a draw, by name."""
    kept = ["signal_mask"] if concentrated(draw.problem) else SPREAD
    classes = ["classes"] if draw.problem.flip > 0 else []  # else they are the labels
    arrays = {name: getattr(draw, name) for name in ("labels", *kept, *PRODUCTS, *classes)}
    if draw.problem.directions is not None:
        arrays["directions"] = draw.problem.directions.vectors
    return arrays


def read_draw(arrays: Mapping[str, Any], about: Mapping[str, Any]) -> Draw:
    """Return the draw of a run file, of which :func:`draw_arrays` were kept."""
    parameters = dict(about["problem"])
    if "directions" in parameters:  # a digest of these
        parameters["directions"] = Directions(arrays["directions"])
    arrays = dict(arrays)
    if "signal_kept" not in arrays:
        arrays["signal_kept"] = arrays["signal_mask"].astype(float)
    fields = {field.name for field in dataclasses.fields(Draw)} - {"problem", "seed"}
    wanted = fields - ({"classes", "along_signals"} - set(arrays))
    return Draw(Problem(**parameters), about["seed"], **{name: arrays[name] for name in wanted})
