"""Figures of implied constants show the numbers of their record and nothing else."""

import copy
import math

import numpy as np
import pytest

from theorycheck.reporting.figures import scaling, style


def one(results, theorem, claim):
    return next(v for v in results["verdicts"] if (v["theorem"], v["claim"]) == (theorem, claim))


@pytest.fixture
def record(made_up_results):
    return copy.deepcopy(one(made_up_results, "mild-pruning", "no-noise"))


def line(ax, label):
    (found,) = [item for item in ax.get_lines() if item.get_label() == label]
    return found


def runs(ax):
    return [item for item in ax.get_lines() if item.get_marker() == "o" and len(item.get_xdata())]


def test_every_run_is_drawn_at_measured_over_bound(record):
    ax = scaling.plot_scaling(record, lower=False)
    drawn = runs(ax)
    assert len(drawn) == len(record["sizes"]) == 5
    for item, size in zip(drawn, record["sizes"], strict=True):
        assert set(item.get_xdata()) == {size["size"]}
        expected = [value / size["bound"] for value in size["each"]]
        assert item.get_ydata() == pytest.approx(expected)
        assert len(expected) == 13 - (size["size"] == 1e12)


def test_median_and_quantile_are_those_of_the_record(record):
    ax = scaling.plot_scaling(record, lower=False)
    for label, key in (("median", "median"), ("9 draws in 10", "quantile_0.9")):
        expected = [size["implied_constant"][key] for size in record["sizes"]]
        assert list(line(ax, label).get_ydata()) == expected


def test_slope_goes_through_the_middle_of_the_tail(record):
    ax = scaling.plot_scaling(record, lower=False)
    x, y = np.log(line(ax, "slope, interval").get_data())
    assert np.exp(x) == pytest.approx(record["tail"])
    assert (y[-1] - y[0]) / (x[-1] - x[0]) == pytest.approx(record["slope"])
    medians = [s["implied_constant"]["median"] for s in record["sizes"]][-len(x) :]
    assert y.mean() == pytest.approx(np.log(medians).mean())
    (band,) = ax.collections
    edges = np.log(band.get_paths()[0].vertices)
    width = edges[:, 1].max() - edges[:, 1].min()
    assert width > abs(y[-1] - y[0])


def test_allowed_slope_is_drawn_beside_it(record):
    x, y = np.log(line(scaling.plot_scaling(record, False), "allowed slope").get_data())
    assert (y[-1] - y[0]) / (x[-1] - x[0]) == pytest.approx(record["tolerated_slope"])


def test_slope_of_a_lower_bound_is_turned(record):
    x, y = np.log(line(scaling.plot_scaling(record, True), "slope, interval").get_data())
    assert (y[-1] - y[0]) / (x[-1] - x[0]) == pytest.approx(-record["slope"])


def test_path_that_goes_down_falls_to_the_right(record):
    record["direction"] = "down"
    ax = scaling.plot_scaling(record, lower=False)
    left, right = ax.get_xlim()
    assert left > right
    x, y = np.log(line(ax, "slope, interval").get_data())
    assert (y[-1] - y[0]) / (x[-1] - x[0]) == pytest.approx(-record["slope"])


def test_size_from_which_it_holds_is_marked(record):
    ax = scaling.plot_scaling(record, lower=False)
    assert set(line(ax, "median kept from").get_xdata()) == {record["holds_from"]["median"]}
    record["holds_from"]["median"] = None
    ax = scaling.plot_scaling(record, lower=False)
    assert "median kept from" not in [item.get_label() for item in ax.get_lines()]


def test_constant_one_is_drawn(record):
    assert set(line(scaling.plot_scaling(record, False), "constant 1").get_ydata()) == {1.0}


@pytest.mark.parametrize("key", ["slope", "slope_interval", "tail", "holds_from", "direction"])
def test_number_that_is_missing_is_not_drawn(key, record):
    del record[key]
    assert runs(scaling.plot_scaling(record, lower=False))
    assert scaling.describe(record)


def test_zeros_and_gaps_are_left_out(record):
    record["sizes"][0]["each"][:2] = [0.0, None]
    record["sizes"][1]["log_bound"] = None
    record["sizes"][2]["implied_constant"] = {"median": None, "quantile_0.9": None}
    ax = scaling.plot_scaling(record, lower=False)
    assert [len(item.get_xdata()) for item in runs(ax)] == [11, 13, 13, 12]


def test_ratio_beyond_the_floats_is_drawn_at_their_edge(record):
    record["sizes"][0]["log_bound"] = -1e6
    ax = scaling.plot_scaling(record, lower=False)
    assert all(math.isfinite(value) for item in runs(ax) for value in item.get_ydata())


@pytest.mark.parametrize("spread", [1.0, 1.5, 1e6])
def test_axis_shows_constant_one_and_several_labels(spread, record):
    for size, factor in zip(record["sizes"], np.geomspace(1, spread, 5), strict=True):
        size["each"] = [factor * size["bound"]]
        size["implied_constant"] = {"median": factor, "quantile_0.9": factor}
    del record["slope"]
    with style.house_style():
        figure = scaling.scaling_figure(record, lower=False)
        figure.draw_without_rendering()
    (ax,) = figure.axes
    low, high = ax.get_ylim()
    assert low <= 0.5
    assert high >= 2
    shown = [one for one in ax.yaxis.get_major_ticks() if low <= one.get_loc() <= high]
    assert 3 <= len([one for one in shown if one.label1.get_text()]) <= 7


def test_claim_on_zero_has_no_figure(made_up_results):
    record = one(made_up_results, "over-pruning", "no-signal")
    assert scaling.scaling_figure(record, lower=False) is None


def test_words_tell_the_numbers(record):
    words = scaling.describe(record)
    assert words.startswith("Measured over bound of every run against d, 10000 to 1e+12.")
    assert f"{record['sizes'][-1]['implied_constant']['median']:.3g} at 1e+12" in words
    assert f"Slope over the tail {record['slope']:+.3g}" in words
    assert "Holds with constant 1 from 10000 on." in words
