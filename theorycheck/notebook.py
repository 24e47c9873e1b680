"""What is judged, as Python and a notebook show it: short, as tables, as a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sims.frames import library
from sims.notebook import table

REASON = 160  # letters of a reason that are shown
NAME = 60
# The columns that a notebook shows, where anything has them; a data frame has all.
SHOWN = (
    "theorem", "claim", "outcome", "along", "constant", "constant_9_in_10", "kept_from",
    "bound", "exact", "failures", "ratio", "reason",
)  # fmt: skip


class Judgement:
    """Something with an outcome that shows itself shortly; a subclass says its row."""

    def row(self) -> dict[str, Any]:
        """Return what there is to tell by name: theorem, claim, outcome, reason, numbers."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return one line."""
        told = {name: _short(str(value), NAME) for name, value in self.row().items()}
        reason = _short(str(self.row()["reason"]), REASON)
        name = f"{told['theorem']}, {told['claim']}"
        return f"<{type(self).__name__}: {name}: {told['outcome']}: {reason}>"

    def _repr_html_(self) -> str:
        return judged_table([self])


T = TypeVar("T", bound=Judgement)


class Verdicts(list[T]):
    """A list of what was judged, which a notebook shows as a table."""

    def __repr__(self) -> str:
        """Return how often each outcome is there."""
        return f"<Verdicts: {counted([str(one.row()['outcome']) for one in self]) or 'none'}>"

    def _repr_html_(self) -> str:
        return judged_table(self)

    def to_frame(self) -> Any:
        """Return a pandas.DataFrame, a row each; an ImportError without the extra ``frames``."""
        return judged_frame(self)


def counted(outcomes: Sequence[str]) -> str:
    """Say how often each outcome is there."""
    return ", ".join(f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes))


def judged_table(several: Iterable[Judgement], caption: str = "") -> str:
    """Return a table of what was judged as HTML."""
    rows = [one.row() for one in several]
    names = [name for name in SHOWN if any(_is_known(row.get(name)) for row in rows)]
    cells = [[_cell(name, row.get(name)) for name in names] for row in rows]
    return table([name.replace("_", " ") for name in names], cells, caption)


def judged_frame(several: Sequence[Judgement]) -> Any:
    """Return a pandas.DataFrame of what was judged, a row each."""
    return library("pandas").DataFrame([one.row() for one in several])


def _is_known(value: Any) -> bool:
    return value is not None and value == value and value != ""


def _cell(name: str, value: Any) -> Any:
    if not _is_known(value):
        return None
    if isinstance(value, float):
        return float(f"{value:.3g}")
    return _short(value, REASON) if name == "reason" else value


def _short(text: str, most: int) -> str:
    """Return text in one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 4]} ..."
