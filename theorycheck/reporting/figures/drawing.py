"""Drawing without a display and whatever the user's settings: matplotlib, loaded and rendered."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from importlib import import_module
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


BACKENDS = {"svg": "svg", "png": "agg", "pdf": "pdf"}  # none opens a window
SETTINGS = ("MPLBACKEND", "MPLCONFIGDIR", "MATPLOTLIBRC")


def load_matplotlib() -> ModuleType:
    """Import matplotlib as the user has set it up; where that is impossible, without settings."""
    with _quiet("matplotlib"):  # its warnings are about settings that no figure here uses
        try:
            loaded = import_module("matplotlib")
        except Exception:
            for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
                del sys.modules[name]  # what was loaded before the failure belongs to that attempt
            with _no_settings():
                loaded = import_module("matplotlib")
        import_module("matplotlib.figure")
    return loaded


@contextmanager
def _no_settings() -> Iterator[None]:
    """Hide the user's settings: environment, configuration, and a file in this directory."""
    hidden = {name: os.environ.pop(name, None) for name in SETTINGS}
    try:
        with TemporaryDirectory() as empty, chdir(empty):
            os.environ["MPLCONFIGDIR"] = empty
            yield
    finally:
        for name, value in hidden.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def rendered(figure: Figure, form: str, **options: Any) -> bytes:
    """Return the file that a figure makes in a form, whatever canvas it stands on."""
    buffer = io.BytesIO()
    with _quiet("fontTools"):  # it warns of what matplotlib's own fonts have in their tables
        figure.savefig(buffer, format=form, backend=BACKENDS[form], **options)
    return buffer.getvalue()


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Let a library log nothing but errors."""
    log = logging.getLogger(name)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def see_through_svg(figure: Figure) -> bytes:
    """Return a figure as SVG without its paper, drawn once: ``savefig`` lays it out by a draft."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    for patch in (figure.patch, *(ax.patch for ax in figure.axes)):
        patch.set_facecolor("none")
        patch.set_edgecolor("none")
    buffer = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None})
    return buffer.getvalue()
