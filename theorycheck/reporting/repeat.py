"""The commands that repeat a check or one of its runs, and the options that a check cannot use."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

import bounds
from theorycheck.defaults import DEFAULTS
from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find, is_module
from theorycheck.reporting.document import Results


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
        names = {name.replace("_", "-") for name in unusable(theorem, along)[0]}
        claims = find(theorem).theorem.claims if theorem in BUILT_IN_THEOREMS else {}
        words = [
            *words[:2],
            *chain.from_iterable(part for part in _parts(words) if _is_of_use(part, names, claims)),
        ]
    return shlex.join(words)


# options without a value
FLAGS = ("--quick", "--p-grid", "--no-figures", "--open", "--verbose")


def _parts(words: Sequence[str]) -> Iterator[list[str]]:
    """Yield the arguments of a command, each option with its value."""
    rest = iter(words[2:])
    for word in rest:
        takes_value = word.startswith("--") and "=" not in word and word not in FLAGS
        yield [word, *([value] if takes_value and (value := next(rest, None)) else [])]


def _is_of_use(part: Sequence[str], names: Collection[str], claims: Collection[str]) -> bool:
    """Tell whether an option may stay, given those that may not and the claims that are checked."""
    name, _, value = "=".join(part).partition("=")
    if name == "--constant":
        return value.rpartition("=")[0] in claims
    return name.removeprefix("--") not in names


def _positional(words: Sequence[str]) -> Iterator[int]:
    """Yield the places of arguments that are no option and no option's value."""
    place = 2
    for part in _parts(words):
        if not part[0].startswith("-"):
            yield place
        place += len(part)


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


THEOREM_CHOICES = (*BUILT_IN_THEOREMS, "lemmas", "predictions", "all")
SHAPE = ("d", "n", "m", "K", "p", "noise")  # options that make the path along d in the regime


def unusable(theorem: str, along: Sequence[str] = ()) -> tuple[tuple[str, ...], str]:
    """Return the options that a check cannot use, and why it cannot, in words."""
    if theorem == "predictions":
        names = ("d", "along", *DEFAULTS, "constant", "quick", "p_grid", "store")
        why = "which brings its own problems, seeds and target losses and keeps no runs"
        return names, f"of verify predictions, {why}"
    named = is_module(theorem) or theorem in BUILT_IN_THEOREMS
    if named and not find(theorem).theorem.claims:
        names = ("d", "along", *(name for name in DEFAULTS if name != "seeds"))
        names += ("constant", "p_grid")
        return names, "of a theorem with boundaries alone, which brings their paths"
    if theorem in bounds.SIBLING_THEOREMS:
        names = ("d", *(name for name in DEFAULTS if name != "seeds"), "along", "p_grid")
        return names, f"of verify {theorem}, which brings its own problems and target losses"
    if along:
        # the draws of the lemmas have a noise law, whatever path is run
        kept = ("seeds", "noise") if theorem in ("lemmas", "all") else ("seeds",)
        names = tuple(name for name in ("d", *DEFAULTS, "quick") if name not in kept)
        names += ("constant",) if theorem == "lemmas" else ()
        return names, "with --along, which brings its own problems, target loss and engine"
    family = find(theorem).family if is_module(theorem) else None
    if family is not None:
        if family.epsilons:
            why = "with a module's own FAMILY, which brings its own problems and target losses"
            return (*SHAPE, "epsilon"), why
        return SHAPE, "with a module's own FAMILY, which brings its own problems"
    if theorem == "lemmas":
        why = "which holds no claim to a constant and is no part of a quick check"
        return ("constant", "quick"), f"of verify lemmas, {why}"
    if theorem == "over-pruning":
        return ("p",), "of verify over-pruning, which takes p = 1/(K m log d)"
    return (), ""
