"""Options of the command line: lists of numbers and names, and the parameters of one problem."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from theorycheck.defaults import DEFAULTS

NUMBERS = {
    "d": "dimension of one patch",
    "n": "training samples",
    "m": "neurons per class",
    "K": "classes",
}


REGIME = {
    "mu": "signal strength  [1]",
    "sigma_n": "standard deviation of the noise  [theorem regime]",
    "sigma_0": "standard deviation of the initial weights  [theorem regime]",
    "eta": "learning rate  [1/mu^2]",
    "q": "power of the activation  [3]",
}


def default(name: str) -> str:
    """Return the end of a help text that shows the default of an option that may stay unset."""
    return f"  [default: {DEFAULTS[name]}]"


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


def problem_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make one problem to run: the letters of the theory, and its words."""
    words = {"noise": ["isotropic", "orthogonal"], "signals": ["axis", "antipodal"]}
    for name, choices in reversed(words.items()):
        option = click.option(f"--{name}", type=click.Choice(choices), default=choices[0],
                              show_default=True)  # fmt: skip
        command = option(command)
    return letter_options(command)


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
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def make_problem(options: dict[str, Any]) -> Any:
    """Make a problem of options, in the theorem regime wherever they are silent."""
    import dataclasses

    from sims import Problem

    names = (*NUMBERS, "p", *REGIME, "noise", "signals", "flip")
    given = {name: options.pop(name, None) for name in names}
    sigmas = {name: given.pop(name) for name in ("sigma_n", "sigma_0")}
    filled = Problem.theorem_regime(**{k: v for k, v in given.items() if v is not None})
    return dataclasses.replace(filled, **{k: v for k, v in sigmas.items() if v is not None})
