"""The look of every figure, whatever the user's settings."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theorycheck.files import write_whole
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.figures.drawing import load_matplotlib, rendered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# How several figures are drawn: as by map, or by what an executor has in its place.
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
STYLES = ("house", "paper")
HEIGHT = 2.6  # inches, of a usual figure
# One colour and one dash for each coefficient, so that they stay apart in grey too.
GAMMA: dict[str, Any] = {"color": "#0072B2", "linestyle": "-", "label": r"max $\gamma_{j,r,j}$"}
ZETA: dict[str, Any] = {"color": "#D55E00", "linestyle": "--", "label": r"max $\zeta$"}
OMEGA: dict[str, Any] = {"color": "#009E73", "linestyle": "-.", "label": r"max $|\omega|$"}
CROSS: dict[str, Any] = {
    "color": "#CC79A7",
    "linestyle": (0, (1, 1)),
    "label": r"max $|\gamma_{j,r,k}|$, $j \neq k$",
}


LOSS: dict[str, Any] = {"color": "black", "linestyle": "-", "label": r"training loss $L_S$"}


@contextmanager
def house_style(style: str = "house") -> Iterator[None]:
    """Draw in the house style on matplotlib's defaults, and leave the caller's settings alone.

    "paper" is the same for a page set in LaTeX.
    """
    matplotlib = load_matplotlib()
    ours: dict[str, Any] = {}
    for name in dict.fromkeys(("house", style)):
        with as_file(files("theorycheck").joinpath(f"{name}.mplstyle")) as path:
            ours |= matplotlib.rc_params_from_file(path, True, use_default_template=False)
    with matplotlib.rc_context():
        with warnings.catch_warnings():  # a default may be deprecated
            warnings.simplefilter("ignore", matplotlib.MatplotlibDeprecationWarning)
            for name in set(matplotlib.rcParamsDefault) - {"backend"}:
                matplotlib.rcParams[name] = matplotlib.rcParamsDefault[name]
            matplotlib.rcParams.update(ours)
        yield


def new_figure(height: float = HEIGHT) -> Figure:
    """Return a new figure, a column wide and as many inches high, apart from pyplot's state.

    It is printed as wide as it is drawn.
    """
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    column, usual = rcParams["figure.figsize"]
    return Figure(figsize=(column, height * usual / HEIGHT))


def legend_above(ax: Axes, title: str = "", columns: int = 2, side: str = "left") -> None:
    """Put the legend above the axes, where it covers no data; its title is that of the axes."""
    corner = (1.0 if side == "right" else 0.0, 1.0)
    placed: dict[str, Any] = {"loc": f"lower {side}", "bbox_to_anchor": corner, "ncols": columns}
    ax.legend(**placed, title=title or None, alignment="left")


def figure_of(ax: Axes) -> Figure:
    """Return the figure that was made for axes."""
    from matplotlib.figure import Figure

    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return figure


def label_sparsely(ax: Axes, most: int = 6) -> None:
    """Label few powers of ten on logarithmic axes, and what is between them where it is little."""
    from matplotlib.ticker import LogLocator

    ax.minorticks_off()
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() != "log":
            continue
        low, high = sorted(axis.get_view_interval())
        if high < 100 * low:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
        else:
            axis.set_major_locator(LogLocator(numticks=most))


def printed(number: float) -> str:
    """Write a number as it is printed: 20,000 with all its digits, a million as a power of ten."""
    if abs(number) < 1e6:
        return f"{number:,g}"
    digits, power = f"{number:.2e}".split("e")
    digits = digits.rstrip("0").rstrip(".")
    ten = f"10^{{{int(power)}}}"
    return f"${ten}$" if digits == "1" else rf"${digits} \cdot {ten}$"


# cmr10 has other glyphs in the places of these
IN_MATHEMATICS = str.maketrans(
    {"<": "$<$", ">": "$>$", "|": "$|$", "_": r"$\_$", "{": r"$\{$", "}": r"$\}$", "~": r"$\sim$"}
)
MATHEMATICS = re.compile(r"((?<!\\)\$.*?(?<!\\)\$)")


def spelled(figure: Figure) -> Figure:
    """Write in mathematics what the font of the text lacks; the same figure, changed."""
    from matplotlib import rcParams
    from matplotlib.text import Text

    if rcParams["font.serif"][0] == "cmr10":
        for text in figure.findobj(Text):
            parts = MATHEMATICS.split(text.get_text())
            parts[::2] = [part.translate(IN_MATHEMATICS) for part in parts[::2]]
            text.set_text("".join(parts))
    return figure


# What matplotlib would write into a file that changes from run to run, or from version to version.
UNDATED: dict[str, dict[str, Any]] = {
    "svg": {"Date": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


def save(
    figure: Figure, directory: Path, name: str, forms: Sequence[str] = ("svg", "png")
) -> list[Path]:
    """Write a figure as SVG and PNG, or as told, the same bytes from run to run."""
    spelled(figure)
    images = {
        directory / f"{name}.{form}": rendered(figure, form, metadata=UNDATED[form])
        for form in forms
    }
    for path, image in images.items():
        write_whole(path, image)
    return list(images)


def draw(
    make: Callable[[], Figure],
    directory: Path,
    name: str,
    style: str = "house",
    forms: Sequence[str] = ("svg", "png"),
) -> list[Path]:
    """Make and write a figure in a style; one that fails is a line on standard error."""
    try:
        with house_style(style):
            return save(make(), directory, name, forms)
    except Exception as error:
        complain(f"the figure {name} could not be drawn: {in_one_line(error)}")
        return []
