"""How far a study is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes
    ----------
    done, failed, missing : int
        Runs with results, runs that failed, and runs that were asked for and not made yet.
    """

    done: int
    failed: int
    missing: int

    @property
    def total(self) -> int:
        """All runs that were asked for."""
        return self.done + self.failed + self.missing

    def __str__(self) -> str:
        """Say n of N."""
        return f"{self.done} of {self.total} runs"
