"""Runs and problems as Python and a notebook show them: short, escaped, as tables."""

import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from sims import Problem, simulate
from sims.notebook import table, written

PROBLEM = Problem.theorem_regime(d=300, n=6, m=5, K=3, p=0.7)
LONGEST = Problem(
    d=2**53, n=2**53, m=2**53, K=2, p=0.1234567890123456, mu=1.234567890123456e-40,
    sigma_n=1.234567890123456e-40, sigma_0=1.234567890123456e-50, eta=1.234567890123456e-20,
    q=1.2345678901234567, noise="orthogonal", signals="antipodal", flip=0.1234567890123456,
)  # fmt: skip


@pytest.fixture(scope="module")
def run():
    return simulate(PROBLEM, 3, max_steps=40)


class Reader(HTMLParser):
    """Reads the cells of tables, and whether every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        assert not {"color", "background"} & {name for name, _ in attributes}
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def read(html):
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_table_escapes_what_is_in_it():
    found = read(table(["<b>", "x"], [["<script>alert(1)</script>", 1 / 3]], "a & <i>"))
    assert found.rows == [["<b>", "x"], ["<script>alert(1)</script>", "0.333333"]]
    assert "a & <i>" in found.text
    assert "<script>" not in table([], [["<script>"]])


def test_table_has_no_colour_of_its_own():
    told = table(["a"], [[1.0]], "b")
    assert "color" not in told
    assert "background" not in told


def test_cells_are_written_short():
    assert [written(one) for one in (None, 1e-7 / 3, 20000, "x", np.float64(2.0))] == [
        "",
        "3.33333e-08",
        "20000",
        "x",
        "2",
    ]


@pytest.mark.parametrize("problem", [PROBLEM, LONGEST], ids=["usual", "longest"])
def test_problem_is_short_and_can_be_typed_again(problem):
    assert len(repr(problem)) < 400
    assert eval(repr(problem)) == problem
    rows = dict(read(problem._repr_html_()).rows)
    assert set(problem.parameters()) < set(rows)


def test_run_and_draw_are_short(run):
    assert len(repr(run)) < 400
    assert len(repr(run.draw)) < 400
    assert "array" not in repr(run) + repr(run.draw)
    for word in (run.status, run.engine, f"seed {run.seed}", "d = 300, n = 6, m = 5, K = 3"):
        assert word in repr(run)
    assert f"{run.signal_neurons.sum()} of 15 neurons" in repr(run.draw)


def test_run_is_a_short_table(run):
    found = read(run._repr_html_())
    rows = dict(found.rows)
    assert len(rows) < 15
    assert run.reason in found.text
    assert rows["seed"] == "3"
    assert float(rows["max_abs_omega"]) == pytest.approx(abs(run.omega[-1]).max(), rel=1e-5)
    assert float(rows["loss"]) == pytest.approx(run.loss[-1], rel=1e-5)


# frames


@pytest.mark.parametrize(("method", "library"), [("to_frame", "pandas"), ("to_xarray", "xarray")])
def test_missing_library_is_one_sentence_with_the_extra(method, library, run, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"^{library} is needed .*theorycheck\[frames\]'$"):
        getattr(run, method)()


def test_frame_has_a_row_a_step(run, monkeypatch):
    made = SimpleNamespace(attrs={})
    fake = SimpleNamespace(
        Index=lambda values, name: (name, list(values)),
        DataFrame=lambda columns, index: vars(made).update(columns=columns, index=index) or made,
    )
    monkeypatch.setitem(sys.modules, "pandas", fake)
    assert run.to_frame() is made
    assert made.index == ("step", list(run.steps))
    assert {len(values) for values in made.columns.values()} == {len(run.steps)}
    assert made.columns["max_gamma"][-1] == run.gamma[-1].max()
    assert made.columns["max_abs_omega"][-1] == -run.omega[-1].min()
    assert (made.attrs["seed"], made.attrs["d"]) == (3, 300)


def test_labelled_arrays_have_the_shapes_of_their_names(run, monkeypatch):
    made = []
    fake = SimpleNamespace(Dataset=lambda *parts: made.append(parts))
    monkeypatch.setitem(sys.modules, "xarray", fake)
    run.to_xarray()
    ((values, places, about),) = made
    lengths = {"step": len(run.steps), "class": 3, "neuron": 5, "signal": 3, "sample": 6}
    for name, given in {**values, **places}.items():
        names, array = given if isinstance(given, tuple) else (name, given)
        names = (names,) if isinstance(names, str) else names
        assert array.shape == tuple(lengths[one] for one in names)
    assert about["engine"] == run.engine


def test_frame_of_pandas_has_the_numbers(run):
    pytest.importorskip("pandas")
    frame = run.to_frame()
    assert frame.index.name == "step"
    np.testing.assert_array_equal(frame["loss"], run.loss)
    assert frame.attrs["seed"] == 3


def test_dataset_of_xarray_has_the_numbers(run):
    pytest.importorskip("xarray")
    found = run.to_xarray()
    np.testing.assert_array_equal(found["gamma"], run.gamma)
    assert found["omega"].dims == ("step", "class", "neuron", "sample")
    assert found.attrs["d"] == 300
