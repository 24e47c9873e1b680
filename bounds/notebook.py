"""Tables as a notebook shows them: no colour of their own, so that light and dark pages suit.

As in `sims`: the two packages know nothing of each other.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

CELL = "text-align:left;vertical-align:top;padding:0.2em 0.8em 0.2em 0"


def table(head: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> str:
    """Return a table as HTML; whatever is in a cell is escaped."""
    above = f"<thead>{_row('th', head)}</thead>" if head else ""
    body = "".join(_row("td", row) for row in rows)
    told = f'<caption style="text-align:left">{html.escape(caption)}</caption>' if caption else ""
    return f'<table style="text-align:left">{told}{above}<tbody>{body}</tbody></table>'


def _row(tag: str, cells: Sequence[object]) -> str:
    told = "".join(f'<{tag} style="{CELL}">{html.escape(written(one))}</{tag}>' for one in cells)
    return f"<tr>{told}</tr>"


def written(value: object) -> str:
    """Write a value: a number with six digits, nothing for None."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
