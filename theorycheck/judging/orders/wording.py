"""Why a claim with an order came out as it did, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theorycheck.judging.slopes import RESOLUTION, Slope, extrapolated_size
from theorycheck.judging.verdict import Verdict, suspects

SHOWN_SHARE = 0.01  # percent are rounded down to
STILL = 1e-3  # relative: a side that moves by no more over the tail has tested nothing


@dataclass(frozen=True)
class Wording:
    """The sentences on one claim on one path, all from its numbers.

    Attributes
    ----------
    verdict : Verdict
        The numbers.
    released, constants : str
        Premises that the path may leave, and hidden constants inside the bound; empty for none.
    time_error : float
        Largest relative error of a last step by the engine's own estimate.
    """

    verdict: Verdict
    released: str = ""
    constants: str = ""
    time_error: float = 0.0

    def with_undefined(self, reason: str, decides: bool) -> str:
        """Name the sizes at which the bound is not defined: first, where that decides."""
        undefined = [size.size for size in self.verdict.sizes if math.isnan(size.log_bound)]
        if not undefined:
            return reason
        where = f"{self.verdict.along} = {', '.join(f'{size:g}' for size in undefined)}"
        if decides:
            return f"the bound is not defined at {where}; {reason}"
        return f"{reason}; left out {where}, where the bound is not defined"

    def too_little(self, sizes: int, needed_sizes: int, needed_draws: int) -> str:
        """Say how many sizes and draws are missing."""
        draws = self.verdict.draws
        missing = [
            f"{lacking} more {what}"
            for lacking, what in (
                (needed_sizes - sizes, "sizes in the tail"),
                (needed_draws - draws, "draws in the event at every size of it"),
            )
            if lacking > 0
        ]
        needed = f"{needed_sizes} sizes in the tail and {needed_draws} draws"
        here = f"here are {sizes} and {draws}"
        return f"a sign test takes {needed}, {here}: {' and '.join(missing)} would do"

    def cannot_tell(self, below: int, beyond: int, draws: int, few: bool) -> str:
        """Say that the draws are divided; few: no more are beyond than a verdict may leave."""
        would = "more draws would decide, or a longer path"
        if not few:
            would = "a longer path would decide, and more draws may"
        unknown = draws - below - beyond
        rest = f", {unknown} not known at some size of the tail" if unknown else ""
        return (
            f"{self._moves()}: {below} of {draws} draws below, {beyond} beyond{rest}; {would}: "
            "chance alone could divide them so"
        )

    def too_many_beyond(self, beyond: int, draws: int, share: float) -> str:
        """Say that more draws grow than a small probability allows."""
        return (
            f"{self._moves()} in the median, but {beyond} of {draws} draws outgrow the bound, at "
            f"least {share:.0%} (99 %): more than one in ten, which no high probability allows"
        )

    def scales(self) -> str:
        """Say that the claim scales as claimed, for whom, and how far that is told."""
        one = self.verdict
        share = math.floor(one.share_within / SHOWN_SHARE) * SHOWN_SHARE
        told = (
            f"scales as claimed for the median, in at least {share:.0%} of draws: {self._moves()}"
        )
        if one.without_step:
            told += f"; {one.without_step} of {one.draws} draws have no t* somewhere in the tail"
        if one.slope.high > 0 and one.tolerated_slope <= RESOLUTION:
            factor = f"a factor {self._span() ** RESOLUTION:.2g} over this tail"
            told += f"; growth up to {_base(one)}^{RESOLUTION:g} ({factor}) is not excluded"
        if self._stands_still():
            told += f"; tests only that neither side depends on {one.along}, for neither moves"
        return told

    def like_a_logarithm(self, logarithm: str, slope: float) -> str:
        """Say that growth is no faster than some power of a logarithm."""
        return (
            f"{self._moves()}: like a logarithm, no faster than {logarithm}, which moves like "
            f"{slope:+.3g} here; a longer path would tell it from a power"
        )

    def fades(self, allowed: float) -> str:
        """Say that growth is gone at the end of the tail."""
        end = _of(self.verdict, self.verdict.end_slope)
        return (
            f"{self._moves()} over the tail, but {end} at its end, allowed up to {allowed:+.3g} "
            "there: asymptotics not begun; larger sizes would decide"
        )

    def grows_within(self, progress: float, excess: float, passed: bool) -> str:
        """Say that growth has not passed the declared constant, and where it would."""
        one = self.verdict
        further = extrapolated_size(progress, excess, one.slope.median)
        where = ""
        if progress < further < math.inf:
            size = further if one.direction == "up" else 1 / further
            where = f"; it would pass it near {one.along} = {size:.0e}"
        if not passed:
            kept = "it grows within its constant, the declared constant is never exceeded"
        elif excess > 0:
            kept = "it grows, but not enough draws exceed the declared constant at the last size"
        else:
            kept = "it grows within its constant, at the last size the declared constant is kept"
        return f"{self._moves()}: {kept}{where}"

    def outgrows(self, end_seen: bool, lost: int) -> str:
        """Say that the claim is refuted."""
        one = self.verdict
        if not math.isfinite(one.slope.median):
            last = one.sizes[-1] if one.sizes else None
            zero = one.lower and one.zeros and last is not None and not any(last.each)
            why = (
                "the quantity is exactly 0" if zero and one.zeros else "there is no t*, or no bound"
            )
            told = f"no constant suffices in {lost} of {one.draws} draws: {why}"
            return told + self._suspects("no size of the tail is better")
        end = "it grows to the end of the tail" if end_seen else "no end of the growth is seen"
        ended = "growth is still there at the end of the tail" if end_seen else "the tail is short"
        return f"{self._moves()}: {end}{self._suspects(ended)}"

    def _suspects(self, asymptotics: str) -> str:
        return suspects(self.released, asymptotics, self.constants, self.time_error)

    def _moves(self) -> str:
        return moves(self.verdict)

    def _stands_still(self) -> bool:
        """Tell whether neither the measured median nor the bound moves over the tail."""
        late = [size for size in self.verdict.sizes if size.size in self.verdict.tail]
        logs = [math.log(size.measured) if size.measured > 0 else -math.inf for size in late]
        sides = [logs, [size.log_bound for size in late]]
        moved = [max(side) - min(side) for side in sides if all(map(math.isfinite, side)) and side]
        return len(moved) == 2 and max(moved) <= STILL

    def _span(self) -> float:
        first, last = self.verdict.tail[0], self.verdict.tail[-1]
        return max(first / last, last / first)


def moves(verdict: Verdict) -> str:
    """Say how the implied constant moves along the path, and how it may."""
    ratio = "bound/measured" if verdict.lower else "measured/bound"
    how = _of(verdict, verdict.slope)
    return f"{ratio} moves like {how}, allowed up to {_digits(verdict)}"


def _of(verdict: Verdict, slope: Slope) -> str:
    median, low, high = (_power(one) for one in (slope.median, slope.low, slope.high))
    return f"{_base(verdict)}^{median} [{low}, {high}]"


def _base(verdict: Verdict) -> str:
    return verdict.along if verdict.direction == "up" else f"(1/{verdict.along})"


def _power(value: float) -> str:
    """Write a power with its sign; what rounds to 0 as +0.000."""
    return f"{round(value, 3) + 0.0:+.3f}" if math.isfinite(value) else f"{value:+}"


def _digits(verdict: Verdict) -> str:
    """Write the allowance with as many digits as tell it from the limits of the slope."""
    allowed, slope = verdict.tolerated_slope, verdict.slope
    for digits in range(3, 9):
        shown = f"{allowed:+.{digits}f}"
        limits = [f"{one:+.{digits}f}" for one in (slope.median, slope.low, slope.high)]
        if shown not in limits:
            return shown
    return shown
