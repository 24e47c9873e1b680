"""The figures inside the page, each drawn from its record alone: processes may share them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.document import Results

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure


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
    from theorycheck.reporting.page_parts import inline_svg

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
    from theorycheck.reporting.figures.style import figure_of
    from theorycheck.reporting.figures.trajectory import plot_lemmas

    return figure_of(plot_lemmas(checks))
