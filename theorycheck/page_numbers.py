"""Numbers as a page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

MISSING = "–"
DIGITS = 3


def number(value: object) -> Markup | str:
    """Write a number with three digits, large and small ones by a power of ten.

    Parameters
    ----------
    value : object
        Anything that is no number is written as a dash.

    Returns
    -------
    Markup or str
        Such as 0.25, 2.17 × 10⁴ as HTML, or a dash.
    """
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
