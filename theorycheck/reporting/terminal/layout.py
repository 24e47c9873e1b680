"""How wide a line may be, whether it has colours, and how text is made to fit."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from theorycheck.printing import REDIRECTED

CUT = " ..."
ENDS = re.compile(r"[,;:] | \(")  # of clauses: what comes before one can stand alone
MUCH = 0.6  # of the room that a whole clause has to fill, or it is cut between words
BOLD = "1"
COLOURS = {
    "holds": "32",
    "consistent": "32",
    "refuted": "31",
    "undecided": "33",
    "premise not met": "36",
}


@dataclass(frozen=True)
class Layout:
    """How text is laid out.

    Attributes
    ----------
    width : int
        How many letters a line may have.
    colour : bool
        Whether outcomes are coloured.
    verbose : bool
        Whether the rest is told too.
    """

    width: int = REDIRECTED
    colour: bool = False
    verbose: bool = False

    def painted(self, text: str, style: str) -> str:
        """Return text in a style, where there are colours."""
        return f"\033[{style}m{text}\033[0m" if self.colour and style and text else text

    def wrapped(self, text: str, indent: str = "", style: str = "") -> list[str]:
        """Return text as lines that are no wider; all but the first are indented further."""
        room = max(self.width, 1)
        further = indent + "  "
        if 2 * len(further) > room:
            indent = further = ""
        lines = textwrap.wrap(
            text, room, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False
        )
        return [self.painted(line, style) for line in lines]

    def columns(self, name: str, outcome: str, reason: str, longest: int) -> str:
        """Return the first line on a claim: what it is called, its outcome, and why."""
        name, reason = " ".join(name.split()), " ".join(reason.split())
        wide = name_width(self, longest)
        place = 2 + wide + 2
        line = f"  {fitted(name, wide):{wide}}  {outcome:{OUTCOME}}"
        line = fitted(f"{line}  {fitted(reason, self.width - len(line) - 2)}", self.width)
        end = place + len(outcome)
        told = self.painted(line[place:end], COLOURS.get(outcome, ""))
        return (line[:place] + told + line[end:]).rstrip()

    def numbers(self, parts: Sequence[str]) -> str:
        """Return the second line: the parts, as many as there is room for, the first ones first."""
        line = "   "
        for part in parts:
            if len(line) + 1 + len(part.rstrip()) > self.width:
                break
            line += f" {part} "
        return line.rstrip() or fitted(parts[0].strip(), self.width)


OUTCOME = len("premise not met")


def name_width(layout: Layout, longest: int) -> int:
    """Return the width of the column of names."""
    return max(1, min(longest, layout.width // 3))


def fitted(text: str, room: int) -> str:
    """Return text that is no longer: whole clauses where they fill the room, else whole words."""
    if len(text) <= room:
        return text
    whole = [
        end.start()
        for end in ENDS.finditer(text, 0, room + 2)
        if MUCH * room <= end.start() <= room and _is_closed(text[: end.start()])
    ]
    if whole:
        return text[: whole[-1]]
    if room <= 2 * len(CUT):
        return text[: max(room, 0)]
    words = text[: room - len(CUT) + 1].rpartition(" ")[0] or text[: room - len(CUT)]
    return words.rstrip(" ,;:(") + CUT


def _is_closed(text: str) -> bool:
    """Tell whether no bracket of a text is left open."""
    return text.count("(") == text.count(")") and text.count("[") == text.count("]")


def number(value: float) -> str:
    """Write a number; none where no run has one, or the bound is not defined."""
    return "none" if math.isnan(value) else f"{value:.3g}"
