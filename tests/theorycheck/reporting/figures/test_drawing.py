"""Matplotlib is loaded wherever it is installed, and draws without a window."""

import logging
import os
import subprocess
import sys

import pytest
from matplotlib import pyplot
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from theorycheck.reporting.figures.drawing import load_matplotlib, rendered

LOAD = """
import os, sys
before = dict(os.environ), os.getcwd()
from theorycheck.reporting.figures.drawing import load_matplotlib, rendered
matplotlib = load_matplotlib()
from matplotlib.figure import Figure
assert rendered(Figure(), "svg").startswith(b"<?xml")
assert rendered(Figure(), "png").startswith(b"\\x89PNG")
assert "matplotlib.pyplot" not in sys.modules
assert (dict(os.environ), os.getcwd()) == before
assert matplotlib.colors is sys.modules["matplotlib.colors"]
print(matplotlib.rcParams["font.size"])
"""


def load(folder, **environment):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MPL", "MAT"))
    }
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", LOAD],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "environment", "size"),
    [
        ("font.size: 9", {}, "9.0"),
        ("font.size: 9\nno.such.key: 3", {}, "9.0"),
        ("font.size: 9", {"MPLBACKEND": "nonsense"}, "10.0"),
        ("font.size: 9\nbackend: nonsense", {"MPLBACKEND": "module://no.such.module"}, "9.0"),
        ("font.size: 9\n\udcff\udcfe", {"MPLBACKEND": "svg"}, "10.0"),
    ],
)
def test_settings_are_kept_where_matplotlib_loads_with_them(settings, environment, size, tmp_path):
    (tmp_path / "matplotlibrc").write_text(settings, errors="surrogateescape")
    found = load(tmp_path, **environment)
    assert (found.stdout, found.stderr) == (f"{size}\n", "")


def test_loading_again_changes_nothing():
    level = logging.getLogger("matplotlib").level
    assert load_matplotlib() is sys.modules["matplotlib"]
    assert logging.getLogger("matplotlib").level == level


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_canvas_of_the_figure_draws_nothing(form, start, monkeypatch):
    class Window(FigureCanvasBase):
        def print_svg(self, *_, **__):
            pytest.fail("a window was opened")

        print_png = print_svg

    figure = Figure()
    canvas = Window(figure)
    assert rendered(figure, form).startswith(start)
    assert figure.canvas is canvas
    assert pyplot.get_fignums() == []
