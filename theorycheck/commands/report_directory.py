"""A report directory: that of one check, with nothing in it that an older one left."""

from __future__ import annotations

import filecmp
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bounds
from theorycheck.files import write_whole
from theorycheck.reporting.document import read_verdicts
from theorycheck.reporting.page import PAGE

VERDICTS = "verdicts.json"
FIGURES = (*(f"{name}-trajectory" for name in bounds.THEOREMS), "test-loss", "lemmas")
ENDINGS = ("svg", "png")


def files_of(content: dict[str, Any]) -> list[str]:
    """Return the names of what `verify` writes of these results: verdicts, page and figures."""
    stated = [one["id"] for one in content["theorems"]]
    drawn = {
        **{f"{name}-trajectory": name in stated for name in bounds.THEOREMS},
        "test-loss": content["trajectories"] is not None,
        "lemmas": any("exact" in one for one in content["verdicts"]),
    }
    figures = [name for name in FIGURES if drawn[name] and content.get("drawn", True)]
    return [VERDICTS, PAGE, *_figure_files(figures)]


def write_verdicts(out: Path, text: str) -> Path:
    """Write ``verdicts.json``, and only then remove what an older check wrote beside it."""
    path = out / VERDICTS
    older = _written_before(path)
    write_whole(path, text.encode())
    for name in older:
        (out / name).unlink(missing_ok=True)
    return path


def check_page_belongs(results: Path, out: Path) -> None:
    """Refuse a directory with the verdicts of another check: the page would pass for theirs."""
    source = results / VERDICTS if results.is_dir() else results
    beside = out / VERDICTS
    if source.is_file() and beside.is_file() and not filecmp.cmp(source, beside, shallow=False):
        raise ValueError(
            f"--out must be a directory without the verdicts of another check than RESULTS, "
            f"got {out}"
        )


def _figure_files(figures: Sequence[str]) -> list[str]:
    return [f"{name}.{ending}" for name in figures for ending in ENDINGS]


def _written_before(path: Path) -> list[str]:
    """Return the names of the page and figures that an older check wrote, and no other names.

    A page goes in any case: none may lie beside verdicts that it does not show.
    """
    known = _figure_files(FIGURES)
    try:
        listed = read_verdicts(path).get("files", known)  # version 0.1.0 kept no list
    except (ValueError, OSError):  # no older check
        listed = []
    return [PAGE, *(name for name in known if isinstance(listed, list) and name in listed)]
