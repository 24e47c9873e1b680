"""The commands that repeat a check or one of its runs, and the options that a check cannot use."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import bounds
from theorycheck.defaults import DEFAULTS
from theorycheck.judging.theorems import find, is_module
from theorycheck.reporting.document import Results

if TYPE_CHECKING:
    pass


def command_for(command: str, theorem: str) -> str:
    """Return the command that makes the verdicts on one theorem again."""
    words = shlex.split(command)
    if words[:2] != ["theorycheck", "verify"]:
        return command
    place = next(_positional(words), None)
    if place is None:
        words.insert(2, theorem)
    elif words[place] == "all":
        words[place] = theorem
    if theorem in THEOREM_CHOICES:
        along = [word for word in words if word.partition("=")[0] == "--along"]
        words = _without(words, unusable(theorem, along)[0])
    return shlex.join(words)


def _without(words: Sequence[str], names: Collection[str]) -> list[str]:
    """Return the words of a command without some options and their values."""
    flags = {f"--{name}" for name in names}
    return [
        word
        for before, word in zip(["", *words], words, strict=False)
        if word.partition("=")[0] not in flags and before not in flags
    ]


def _positional(words: Sequence[str]) -> Iterator[int]:
    """Yield the places of arguments that are no option and no option's value."""
    is_value = False
    for place, word in enumerate(words[2:], 2):
        if not is_value and not word.startswith("-"):
            yield place
        is_value = not is_value and word.startswith("--") and "=" not in word


def run_command(record: Results) -> str:
    """Return the command that repeats the first judged run at the last size."""
    last: Results = (record.get("sizes") or [{}])[-1]
    problems, engine = record.get("problems"), _engine(record, last)
    if not (problems and engine and last.get("seeds")):
        return ""
    words = ["theorycheck", "simulate"]
    for name, value in problems[-1].items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    own = record.get("epsilons")  # before them, a path had its own along epsilon alone
    epsilon = last["size"] if record.get("along") == "epsilon" else record.get("epsilon")
    epsilon = own[-1] if own else epsilon
    words += ["--epsilon", str(epsilon), "--engine", engine]
    for name, value in (record.get("run_options") or [{}])[-1].items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    words += ["--seed", str(last["seeds"][0]), "--out", "run.npz"]
    return shlex.join(words)


def _engine(record: Results, size: Results) -> str:
    """Return what made the first judged run at a size; "" where it is not known."""
    if engines := size.get("engines"):
        return str(engines[0])
    of_all = record.get("engines") or []  # version 0.1.0 noted those of all runs together
    return str(of_all[0]) if len(of_all) == 1 else ""


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
        if family.epsilons:
            why = "with a module's own FAMILY, which brings its own problems and target losses"
            return (*SHAPE, "epsilon"), why
        return SHAPE, "with a module's own FAMILY, which brings its own problems"
    if theorem == "over-pruning":
        return ("p",), "of verify over-pruning, which takes p = 1/(K m log d)"
    return (), ""
