"""Every verdict with runs becomes figures for a paper, and a table they can be drawn from again."""

import csv
import io
import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

import theorycheck as tc
from theorycheck.cli import main
from theorycheck.reporting.document import Findings
from theorycheck.reporting.figures.claim_files import FORMS, drawable, numbers, write_claims

SMALLEST_FONT = 7.0  # points


@pytest.fixture(scope="module")
def record(made_up_results):
    (found,) = (
        one for one in drawable(made_up_results, ["no-cross-signal"]) if one["along"] == "d"
    )
    return found


@pytest.fixture(scope="module")
def written(made_up_results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return write_claims(made_up_results, folder, "paper", ["no-cross-signal", "no-noise"])


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_claim_is_a_pdf_an_svg_a_png_and_a_table(written):
    stems = {"mild-pruning-no-cross-signal-d", "mild-pruning-no-noise-d"}
    assert {path.name for path in written} == {
        f"{stem}.{form}" for stem in stems for form in (*FORMS, "csv")
    }
    assert all(path.stat().st_size > 500 for path in written)


def test_same_results_give_the_same_bytes(written, made_up_results, tmp_path):
    again = write_claims(made_up_results, tmp_path, "paper", ["no-noise"])
    before = {path.name: path for path in written}
    assert all(path.read_bytes() == before[path.name].read_bytes() for path in again)


def test_table_has_a_line_for_each_run(record):
    rows = table(numbers(record))
    assert len(rows) == sum(len(size["each"]) for size in record["sizes"])
    assert {row["claim"] for row in rows} == {"no-cross-signal"}
    for row in rows[:5]:
        expected = float(row["measured"]) / math.exp(float(row["log_bound"]))
        assert float(row["ratio"]) == pytest.approx(expected)


def test_table_draws_the_points_and_the_median_again(made_up_results, record):
    ax = tc.plot(made_up_results, "no-cross-signal").axes[0]
    lines = {line.get_label(): line for line in ax.get_lines()}
    rows = table(numbers(record))
    sizes = sorted({float(row["size"]) for row in rows})
    told = {size: [float(r["ratio"]) for r in rows if float(r["size"]) == size] for size in sizes}
    assert lines["median"].get_xdata() == pytest.approx(sizes)
    for name in ("median", "quantile_0.9"):
        of_size = {float(row["size"]): float(row[name]) for row in rows}
        line = lines[name.replace("quantile_0.9", "9 draws in 10")]
        assert line.get_ydata() == pytest.approx([of_size[size] for size in sizes])
    # at the last size one draw has no t*
    assert lines["median"].get_ydata()[:-1] == pytest.approx(
        [np.median(told[size]) for size in sizes[:-1]]
    )
    points = sorted(
        y for line in ax.get_lines() if line.get_marker() == "o" for y in line.get_ydata()
    )
    assert points == pytest.approx(sorted(ratio for each in told.values() for ratio in each))


@pytest.mark.parametrize(("style", "width"), [("house", 8.0), ("paper", 8.6)])
def test_figure_is_a_column_wide_and_legible(style, width, made_up_results):
    figure = tc.plot(made_up_results, "no-noise", style=style)
    assert figure.get_figwidth() * 2.54 == pytest.approx(width, abs=0.01)
    texts = [text for text in figure.findobj(lambda one: hasattr(one, "get_fontsize"))]
    assert min(text.get_fontsize() for text in texts if text.get_text()) >= SMALLEST_FONT


def test_figure_is_drawn_from_findings_and_from_their_file(made_up_results, tmp_path):
    text = json.dumps(made_up_results)
    (tmp_path / "verdicts.json").write_text(text)
    for results in (Findings(json=text), tmp_path, tmp_path / "verdicts.json"):
        assert tc.plot(results, "no-noise", theorem="mild-pruning", along="d").axes


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"claim": "nix"}, "^claim must be one of stopping-time, .*, got 'nix'$"),
        ({"claim": None}, "^claim must be one of stopping-time, .*, got None$"),
        ({"results": [1], "claim": "no-noise"}, "^results must be what check returned, .* list$"),
        ({"claim": "no-noise", "style": "big"}, "^style must be one of house, paper, got 'big'$"),
        (
            {"claim": "no-noise", "along": "m"},
            "^claim 'no-noise' must have a verdict with along 'm', and has none$",
        ),
    ],
)
def test_what_is_not_there_is_refused_in_one_sentence(given, told, made_up_results):
    with pytest.raises(ValueError, match=told):
        tc.plot(**{"results": made_up_results, **given})


def test_command_writes_the_files_of_a_report(made_up_results, tmp_path):
    (tmp_path / "verdicts.json").write_text(json.dumps(made_up_results))
    words = ["figures", str(tmp_path), "--out", str(tmp_path / "out"), "--claim", "no-noise"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, done.output) == (0, f"4 files in {tmp_path / 'out'}\n")
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [
        ".csv", ".pdf", ".png", ".svg",
    ]  # fmt: skip
    done = CliRunner().invoke(main, ["figures", str(tmp_path), "--claim", "nix"])
    assert done.exit_code == 2
