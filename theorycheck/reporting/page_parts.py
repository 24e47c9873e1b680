"""A figure as SVG to stand inside a page: own ids, the page's colours, words for it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

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
