"""Parts of the page that are no text: numbers, and figures drawn each from its record alone.

Processes may share the figures out. As SVG inside a page they have own ids, the page's colours, and
words for those who do not see them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.document import Results
from theorycheck.reporting.figures.drawing import see_through_svg

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure


# Colours of the figures that a page redefines for light and dark.
COLOURS = {
    "#000000": "var(--ink)",
    "#0072b2": "var(--blue)",
    "#d55e00": "var(--orange)",
    "#7f7f7f": "var(--quiet)",
    "#e6e6e6": "var(--line)",
}


PIXELS = 1.5  # of a screen to a point; 4/3 is the size in print, and screens are further away


def inline_svg(figure: Figure, name: str, words: str, colours: Mapping[str, str] = COLOURS) -> str:
    """Return a figure as an ``svg`` element for a page."""
    svg = see_through_svg(figure).decode()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(id=")', rf"\1{name}-", svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{name}-", svg)
    for colour, variable in colours.items():
        svg = svg.replace(colour, variable)
    (view,) = re.findall(r'viewBox="([^"]*)"', svg[: svg.index(">")])
    width = float(view.split()[2])
    described = html.escape(words)
    start = (
        f'<svg viewBox="{view}" style="max-width: {width * PIXELS:.0f}px" role="img" '
        f'aria-label="{described}" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return start + re.sub(r"\s*\n\s*", "\n", svg[svg.index(">") + 1 :]).strip()


MISSING = "–"
DIGITS = 3


def number(value: object) -> Markup | str:
    """Write a number with three digits, large and small ones by a power of ten."""
    from markupsafe import Markup

    if not isinstance(value, int | float):
        return MISSING
    whole = abs(value) < 1e4 and float(value).is_integer()
    plain = f"{value:.0f}" if whole else f"{value:.{DIGITS}g}"
    if "e" not in plain and (whole or abs(value) >= 1e-3):
        return _signed(plain)
    mantissa, exponent = f"{value:.{DIGITS - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = Markup("10<sup>{}</sup>").format(_signed(str(int(exponent))))
    if mantissa in ("1", "-1"):
        return Markup("{}{}").format("−" if mantissa == "-1" else "", power)
    return Markup("{} × {}").format(_signed(mantissa), power)


def _signed(text: str) -> str:
    return text.replace("-", "−")


@dataclass(frozen=True)
class Drawing:
    """A figure that the page asks for.

    Attributes
    ----------
    place : str
        Where it goes: what its own ids begin with.
    make : callable
        Makes it; None where there is nothing to draw. Can be pickled.
    words : str
        What it shows, for those who do not see it.
    what : str
        What it is of, for the line that says it failed.
    """

    place: str
    make: Callable[[], Figure | None]
    words: str
    what: str


def scaling_drawing(record: Results, stated: Results, place: str) -> Drawing | None:
    """Ask for the figure of a claim along its path; None where it has no sizes."""
    from theorycheck.reporting.figures.scaling import describe

    if not record.get("sizes"):
        return None
    lower = stated.get("direction") == "lower" or record.get("order") == "Omega"
    what = f"{record['claim']} ({record['theorem']})"
    return Drawing(place, partial(_scaling, record, lower), describe(record), what)


def lemmas_drawing(records: Sequence[Results], place: str) -> Drawing | None:
    """Ask for the probabilities of lemmas that were held against draws."""
    from theorycheck.reporting.document import lemma_check

    checks = [lemma_check(one) for one in records if "exact" in one]
    if not checks:
        return None
    told = [f"{one.lemma}: {one.failures} of {one.draws} draws, exact {one.exact:.3g}, "
            f"bound {one.bound:.3g}" for one in checks]  # fmt: skip
    words = "How often each event fails. " + "; ".join(told) + "."
    return Drawing(place, partial(_lemmas, checks), words, "the lemmas")


def drawn(drawing: Drawing) -> Markup | None:
    """Draw a figure; in place of one that fails, the page and a line say so."""
    from markupsafe import Markup

    from theorycheck.reporting.figures.style import house_style

    try:
        with house_style():
            figure = drawing.make()
            if figure is None:
                return None
            return Markup(inline_svg(figure, drawing.place, drawing.words))
    except Exception as error:
        why = in_one_line(error)
        complain(f"the figure of {drawing.what} on the page could not be drawn: {why}")
        failed = Markup('<p class="note">This figure could not be drawn. {}</p>')
        return failed.format(drawing.words)


def _scaling(record: Results, lower: bool) -> Figure | None:
    from theorycheck.reporting.figures.scaling import scaling_figure

    return scaling_figure(record, lower)


def _lemmas(checks: Sequence[LemmaCheck]) -> Figure:
    from theorycheck.reporting.figures.trajectory import lemmas_figure

    return lemmas_figure(checks)
