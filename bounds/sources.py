"""Where a statement comes from, and how it is known."""

from dataclasses import dataclass

PAPER = "arXiv:2301.00335"
BENIGN = "arXiv:2202.06526"
RELU = "arXiv:2303.04145"
LOW_SNR = "arXiv:2510.17526"

TAGS = {
    "paper": "stated in the paper",
    "paper*": "stated in the paper, encoded without its text at hand",
    "recalled*": "known to us without the paper's text: an exponent or a constant may differ",
    "conjecture": "somebody's guess, for which there is no proof yet",
    "derived": "follows by the derivation given in the section",
    "measured": "seen in numerical runs",
}


@dataclass(frozen=True)
class Source:
    """Where a statement comes from.

    Parameters
    ----------
    citation : str
        The paper, "this project" for our own derivations, or whoever says so.
    tag : {"paper", "paper*", "recalled*", "conjecture", "derived", "measured"}
        How it is known; :data:`TAGS` says what each means.
    section : str
        Section of Theory that states it.
    note : str
        Anything a reader must know before relying on it.

    Raises
    ------
    ValueError
        If the tag is none of these.
    """

    citation: str
    tag: str
    section: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown tag."""
        if self.tag not in TAGS:
            raise ValueError(f"tag must be one of {list(TAGS)}, got {self.tag!r}")
