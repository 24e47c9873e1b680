"""``theorycheck digits`` end to end: read or make images, train the arms, write, draw."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from theorycheck.files import as_json, output_directory, write_whole
from theorycheck.images.collection import Images
from theorycheck.images.measure import DigitsFindings, measure_digits
from theorycheck.images.plan import SPARE, DigitsPlan
from theorycheck.reporting.digits import digits_lines, digits_record

NAME = "digits"
MADE = "made"


def load_images(data: str, plan: DigitsPlan) -> Images:
    """Make or read images."""
    if data != MADE:
        from theorycheck.images.reading import read_images

        return read_images(Path(data))
    from theorycheck.images.made import made_digits
    from theorycheck.reporting.figures.drawing import load_matplotlib

    load_matplotlib()  # whatever the user's settings: the fonts come with it
    return made_digits(plan.n + plan.test + SPARE)


def write_digits(
    data: str,
    plan: DigitsPlan,
    out: Path,
    command: str,
    workers: int = 1,
    progress: bool = False,
) -> list[str]:
    """Measure; write ``digits.json`` and a figure for each mask; return what to print."""
    with output_directory(out, f"{NAME}.json"):
        found = measure_digits(load_images(data, plan), plan, workers, progress)
        write_whole(out / f"{NAME}.json", as_json(digits_record(found, command)).encode())
        drawn = draw_digits(found, out)
    written = ", ".join([f"{NAME}.json", *(path.name for path in drawn)])
    return [*digits_lines(found), f"{written} in {out}"]


def draw_digits(found: DigitsFindings, out: Path) -> list[Path]:
    """Draw a figure for each mask."""
    from theorycheck.reporting.figures.digits import digits_figure
    from theorycheck.reporting.figures.style import draw

    written = []
    for pruning in found.plan.pruning:
        name = NAME if pruning == "random" else f"{NAME}-{pruning}"
        written += draw(partial(digits_figure, found, pruning), out, name)
    return written
