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
OPTIONAL = ("classes", "along_signals", "mask")
SPREAD = ("signal_kept", "along_signals")  # of spread signals; else a mask says as much


def draw_arrays(draw: Draw) -> dict[str, Any]:
    """Return what a run file keeps of a draw, by name."""
    kept = ["signal_mask"] if concentrated(draw.problem) else SPREAD
    classes = ["classes"] if draw.problem.flip > 0 else []  # else they are the labels
    mask = [] if draw.mask is None else ["mask"]  # else the seed gives it again
    names = ("labels", *kept, *PRODUCTS, *classes, *mask)
    arrays = {name: getattr(draw, name) for name in names}
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
    given = {name: arrays[name] for name in fields if name in arrays or name not in OPTIONAL}
    draw = Draw(Problem(**parameters), about["seed"], **given)
    if draw.mask is not None and about["mask"] != draw.mask_digest:
        raise ValueError("its mask is not the one that was written")
    return draw
