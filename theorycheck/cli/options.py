"""Options of the command line: lists of numbers and names, and the parameters of one problem."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from theorycheck.defaults import DEFAULTS
from theorycheck.names import full_name
from theorycheck.printing import listed

NUMBERS = {
    "d": "dimension of one patch",
    "n": "training samples",
    "m": "neurons per class",
    "K": "classes",
}


# As sims.Problem takes them, but for masks that are given, which no command is.
PRUNINGS = ["random", "magnitude", "snip", "grasp", "synflow",
            "magnitude-per-neuron", "snip-per-neuron", "grasp-per-neuron"]  # fmt: skip

REGIME = {
    "mu": "signal strength  [default: 1]",
    "sigma_n": "standard deviation of the noise  [default: theorem regime]",
    "sigma_0": "standard deviation of the initial weights  [default: theorem regime]",
    "eta": "learning rate  [default: 1/mu^2]",
    "q": "power of the activation  [default: 3]",
}


def default(name: str) -> str:
    """Return the end of a help text that shows the default of an option that may stay unset."""
    return f"  [default: {DEFAULTS[name]}]"


WORKERS = "processes  [default: as many as processors]"


class Complete(click.Command):
    """A command that names everything that is missing at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments; where more than one is missing, fail with a sentence on all."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            given, _, _ = self.make_parser(ctx).parse_args(words)
            needed = [one for one in self.params if _is_missing(one, ctx, given)]
            kinds = {
                kind: [hint for one in needed if one.param_type_name == kind
                       for hint in [one.get_error_hint(ctx)]]
                for kind in ("argument", "option")
            }  # fmt: skip
            named = [
                f"{kind}{'s' if len(hints) > 1 else ''} {listed(hints)}"
                for kind, hints in kinds.items()
                if hints
            ]
            raise click.UsageError(f"Missing {' and '.join(named)}.", ctx) from error


def _is_missing(one: click.Parameter, ctx: click.Context, given: dict[str, Any]) -> bool:
    """Tell whether a parameter must be given and is not."""
    try:
        one.handle_parse_result(ctx, given, [])
    except click.MissingParameter:
        return True
    except click.ClickException:  # there, if bad
        return False
    return False


class TheoremName(click.ParamType):
    """A theorem, or what else may stand in its place: the start of its name is enough."""

    name = "theorem"

    def __init__(self, *others: str) -> None:
        self.others = others

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the whole name, or what was given where it is the start of none."""
        from theorycheck.judging.theorems import BUILT_IN_THEOREMS

        return full_name(str(value), (*BUILT_IN_THEOREMS, *self.others))


class Integers(click.ParamType):
    """Integers separated by commas."""

    name = "d1,d2,.."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        """Return the integers, or fail with one sentence."""
        try:
            numbers = [float(part) for part in str(value).split(",")]
        except ValueError:
            numbers = [math.nan]
        if not all(number.is_integer() for number in numbers):
            self.fail(f"must be integers separated by commas, got {value!r}", param, ctx)
        return tuple(int(number) for number in numbers)


class Names(click.ParamType):
    """Names separated by commas."""

    name = "name,.."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Return the names, or fail with one sentence."""
        names = tuple(part.strip() for part in str(value).split(","))
        if not all(names) or len(set(names)) < len(names):
            self.fail(f"must be different names separated by commas, got {value!r}", param, ctx)
        return names


class Numbers(click.ParamType):
    """Numbers separated by commas."""

    name = "x1,x2,.."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        """Return the numbers, or fail with one sentence."""
        try:
            return tuple(float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"must be numbers separated by commas, got {value!r}", param, ctx)


class Signals(click.ParamType):
    """What the signals are: a word, or a file of the vectors along which they point."""

    name = "axis|antipodal|FILE.npy"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the word or the vectors, or fail with one sentence."""
        if not isinstance(value, str) or value in ("axis", "antipodal"):
            return value
        if not value.endswith(".npy"):
            self.fail(f"must be axis, antipodal or a .npy file, got {value!r}", param, ctx)
        from sims import Directions

        return Directions.read(value)


def problem_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make one problem to run: the letters of the theory, and its words."""
    signals = click.option("--signals", type=Signals(), default="axis", show_default=True,
                           help="axis, antipodal, or a .npy file of K orthonormal vectors, "
                           "(K, d)")  # fmt: skip
    words = {"noise": ("isotropic", "orthogonal"), "pruning": PRUNINGS}
    noise, pruning = (
        click.option(f"--{name}", type=click.Choice(choices), default=choices[0], show_default=True)
        for name, choices in words.items()
    )
    return letter_options(noise(signals(pruning(command))))


def letter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that bounds are evaluated at: the letters of the theory."""
    options = [
        *(
            click.option(f"--{name}", name, type=float, required=True, help=text)
            for name, text in NUMBERS.items()
        ),
        click.option("--p", type=float, required=True, help="probability to KEEP a weight"),
        *(
            click.option(f"--{name.replace('_', '-')}", name, type=float, help=text)
            for name, text in REGIME.items()
        ),
        click.option("--flip", type=float, default=0.0, show_default=True,
                     help="probability of a wrong label"),
        click.option("--support", type=int, default=1, show_default=True,
                     help="coordinates that each signal is spread over"),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def make_problem(options: dict[str, Any]) -> Any:
    """Make a problem of options, in the theorem regime wherever they are silent."""
    import dataclasses

    from sims import Problem

    names = (*NUMBERS, "p", *REGIME, "noise", "signals", "flip", "support", "pruning")
    given = {name: options.pop(name, None) for name in names}
    if not isinstance(given["signals"], str | None):
        given["directions"] = given.pop("signals")
    sigmas = {name: given.pop(name) for name in ("sigma_n", "sigma_0")}
    filled = Problem.theorem_regime(**{k: v for k, v in given.items() if v is not None})
    return dataclasses.replace(filled, **{k: v for k, v in sigmas.items() if v is not None})
