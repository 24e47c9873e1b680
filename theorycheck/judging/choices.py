"""What can be checked, and which options a check of it cannot use."""

from __future__ import annotations

from collections.abc import Sequence

import bounds
from theorycheck.defaults import DEFAULTS
from theorycheck.judging.theorems import find, is_module

THEOREM_CHOICES = (*bounds.THEOREMS, "lemmas", "predictions", "all")
SHAPE = ("d", "n", "m", "K", "p", "noise")  # options that make the path along d in the regime


def unusable(theorem: str, along: Sequence[str] = ()) -> tuple[tuple[str, ...], str]:
    """Return the options that a check cannot use, and why it cannot, in words."""
    if theorem == "predictions":
        names = ("d", "along", *DEFAULTS, "store")
        why = "which brings its own problems, seeds and target losses and keeps no runs"
        return names, f"of verify predictions, {why}"
    if along:
        # the draws of the lemmas have a noise law, whatever path is run
        kept = ("seeds", "noise") if theorem in ("lemmas", "all") else ("seeds",)
        names = tuple(name for name in ("d", *DEFAULTS) if name not in kept)
        return names, "with --along, which brings its own problems, target loss and engine"
    family = find(theorem).family if is_module(theorem) else None
    if family is not None:
        if family.along == "epsilon":
            why = "with a module's own FAMILY, which brings its own problems and target losses"
            return (*SHAPE, "epsilon"), why
        return SHAPE, "with a module's own FAMILY, which brings its own problems"
    if theorem == "over-pruning":
        return ("p",), "of verify over-pruning, which takes p = 1/(K m log d)"
    return (), ""
