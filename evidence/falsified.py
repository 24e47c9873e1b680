"""Mutants of both theorems: the share of false ones refuted, and of true ones wrongly refuted."""

from __future__ import annotations

import bounds
from evidence.record import write
from theorycheck.commands.falsify import falsify_theorem


def main() -> None:
    """Falsify both theorems on all paths and write what became of every mutant."""
    for name in bounds.THEOREMS:
        found = falsify_theorem(name, workers=2, progress=True)
        command = f"theorycheck falsify {name}"
        write(f"falsified-{name}", found.document(command))


if __name__ == "__main__":
    main()
