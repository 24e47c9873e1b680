"""Figures show every bound at its level, come out the same twice, and touch nothing global."""

import math
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import bounds
from sims import Problem
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem, over_problem
from theorycheck.reporting.figures import style, trajectory
from theorycheck.reporting.page_parts import inline_svg

EPSILON = 0.05
THEOREMS = tuple(bounds.THEOREMS)
LEVELS = {
    "mild-pruning": {"signal-learned", "no-noise", "no-cross-signal"},
    "over-pruning": {"noise-memorized"},
}


@pytest.fixture
def ax():
    return style.new_figure().subplots()


@pytest.fixture
def checks():
    mild = [judge_lemma(name, mild_problem(), 3, 200, 2) for name in ("class-counts", "init-noise")]
    return [*mild, judge_lemma("no-signal-left", over_problem(), 0, 200, 2)]


@pytest.fixture
def p_grid(made_up_run):
    """Runs at three p with three seeds and a test loss of p + seed / 10."""
    base = Problem.theorem_regime(20_000, 30, 20, 2, 1.0)
    runs = []
    for p in (1.0, 0.1, 0.01):
        for seed in range(3):
            run = made_up_run("mild-pruning", replace(base, p=p), seed)
            runs.append(replace(run, test=replace(run.test, test_loss=p + seed / 10)))
    return runs


def line(ax, label):
    """The one line whose label begins so."""
    (found,) = [one for one in ax.get_lines() if str(one.get_label()).startswith(label)]
    return found


def parameters(run):
    return {**run.problem.parameters(), "epsilon": EPSILON}


@pytest.mark.parametrize("theorem", THEOREMS)
def test_axes_that_are_given_are_drawn_on(theorem, real_runs, ax, p_grid, checks):
    run = real_runs[theorem]
    assert trajectory.plot_loss(run, theorem, EPSILON, ax) is ax
    assert trajectory.plot_coefficients(run, theorem, EPSILON, ax) is ax
    assert trajectory.plot_test_loss(p_grid, EPSILON, ax) is ax
    assert trajectory.plot_lemmas(checks, ax) is ax


def test_axes_are_made_where_none_are_given(real_runs, p_grid, checks):
    run = real_runs["mild-pruning"]
    for made in (
        trajectory.plot_loss(run, "mild-pruning", EPSILON),
        trajectory.plot_coefficients(run, "mild-pruning", EPSILON),
        trajectory.plot_test_loss(p_grid, EPSILON),
        trajectory.plot_lemmas(checks),
    ):
        assert made.get_lines()


@pytest.mark.parametrize("theorem", THEOREMS)
def test_loss_is_drawn_with_target_and_time_bound(theorem, real_runs, ax):
    run = real_runs[theorem]
    trajectory.plot_loss(run, theorem, EPSILON, ax)
    np.testing.assert_array_equal(line(ax, "training loss").get_ydata(), run.series.loss)
    assert set(line(ax, "train-loss").get_ydata()) == {EPSILON}
    latest = bounds.THEOREMS[theorem].claims["stopping-time"].evaluate(parameters(run))
    assert set(line(ax, "stopping-time").get_xdata()) == {latest}
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


@pytest.mark.parametrize("theorem", THEOREMS)
def test_every_bound_on_a_coefficient_is_drawn_at_its_level(theorem, real_runs, ax):
    run = real_runs[theorem]
    trajectory.plot_coefficients(run, theorem, EPSILON, ax)
    claims = bounds.THEOREMS[theorem].claims
    drawn = set()
    for one in ax.get_lines():
        name = str(one.get_label()).split(":")[0]
        if name in claims:
            assert set(one.get_ydata()) == {claims[name].evaluate(parameters(run))}
            drawn.add(name)
    assert drawn == LEVELS[theorem]


def test_coefficients_are_drawn_as_measured(real_runs, ax):
    run = real_runs["mild-pruning"]
    trajectory.plot_coefficients(run, "mild-pruning", EPSILON, ax)
    labels = {
        r"max $\gamma_{j,r,j}$": run.series.gamma,
        r"max $\zeta$": run.series.zeta,
        r"max $|\omega|$": run.series.omega,
        r"max $|\gamma_{j,r,k}|$": run.series.cross,
    }
    for label, values in labels.items():
        shown = line(ax, label)
        np.testing.assert_array_equal(shown.get_ydata()[1:], values[1:])
        np.testing.assert_array_equal(shown.get_xdata()[1:], run.series.steps[1:])


def test_coefficient_that_is_zero_throughout_is_named(real_runs, ax):
    run = real_runs["over-pruning"]
    assert not run.series.gamma.any()
    trajectory.plot_coefficients(run, "over-pruning", EPSILON, ax)
    assert line(ax, r"max $\gamma_{j,r,j}$").get_label().endswith(" = 0")


@pytest.mark.slow
@pytest.mark.parametrize("theorem", THEOREMS)
def test_figure_of_nothing_but_zeros_is_drawn(theorem, real_runs, tmp_path):
    run = real_runs[theorem]
    zero = np.zeros_like(run.series.steps)
    nothing = replace(run.series, gamma=zero, cross=zero, zeta=zero, omega=zero)
    with style.house_style():
        figure = trajectory.trajectory_figure(replace(run, series=nothing), theorem, EPSILON)
        assert len(style.save(figure, tmp_path, "zero")) == 2


def test_title_says_what_was_run(real_runs):
    run = real_runs["mild-pruning"]
    figure = trajectory.trajectory_figure(run, "mild-pruning", EPSILON)
    title = figure.axes[0].get_legend().get_title().get_text()
    assert title == "mild-pruning, seed 0\nd = 300, n = 6, m = 4, K = 2, p = 0.8"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (300, "300"),
        (200_000, "200,000"),
        (10**12, "$10^{12}$"),
        (2 * 10**13, r"$2 \cdot 10^{13}$"),
        (-2.5e10, r"$-2.5 \cdot 10^{10}$"),
        (-300_000.0, "-300,000"),
    ],
)
def test_large_numbers_are_printed_as_powers_of_ten(number, words):
    assert style.printed(number) == words


def test_test_loss_is_drawn_with_bound_guess_and_premise(p_grid, ax):
    trajectory.plot_test_loss(p_grid, EPSILON, ax)
    points = line(ax, r"test loss")
    assert sorted(points.get_ydata()) == sorted(run.test.test_loss for run in p_grid)
    grid = [0.01, 0.1, 1.0]
    assert line(ax, "median").get_xdata().tolist() == grid
    assert line(ax, "median").get_ydata() == pytest.approx([p + 0.1 for p in grid])
    # at n = 30 the exponential is nothing: C K epsilon remains
    assert line(ax, "mild").get_ydata() == pytest.approx([0.1] * 3)
    assert set(line(ax, "guessing").get_ydata()) == {math.log(2)}
    assert line(ax, "premise").get_xdata()[0] == pytest.approx(0.1 * math.log(20_000) / 20)


def test_bound_on_the_test_loss_follows_p(p_grid, ax):
    runs = [replace(run, problem=replace(run.problem, n=1)) for run in p_grid]
    trajectory.plot_test_loss(runs, EPSILON, ax)
    expected = [0.1 + math.exp(-1 / p) for p in (0.01, 0.1, 1.0)]
    assert line(ax, "mild").get_ydata() == pytest.approx(expected)


def test_lemmas_are_drawn_with_bound_exact_and_interval(checks, ax):
    trajectory.plot_lemmas(checks, ax)
    assert line(ax, "bound").get_xdata().tolist() == [check.bound for check in checks]
    assert line(ax, "exact").get_xdata().tolist() == [check.exact for check in checks]
    assert [text.get_text() for text in ax.get_yticklabels()] == [one.lemma for one in checks]
    bars = [one for one in ax.get_lines() if len(one.get_xdata()) == 2]
    assert [bar.get_xdata()[1] for bar in bars] == [check.high for check in checks]
    ticks = [one.get_xdata()[0] for one in ax.get_lines() if one.get_marker() == "|"]
    assert ticks == [3 / 200, 3 / 200]


@pytest.mark.slow
def test_files_are_the_same_twice(real_runs, p_grid, tmp_path):
    contents = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        with style.house_style():
            figure = trajectory.trajectory_figure(
                real_runs["mild-pruning"], "mild-pruning", EPSILON
            )
            files = style.save(figure, tmp_path / name, "figure")
        assert [file.suffix for file in files] == [".svg", ".png"]
        contents.append([file.read_bytes() for file in files])
    assert contents[0] == contents[1]
    svg, png = contents[0]
    assert b"<dc:date>" not in svg
    assert png.startswith(b"\x89PNG")


WILD = {
    "text.usetex": True,
    "font.family": ["no such font"],
    "font.size": 30,
    "lines.linewidth": 20,
    "savefig.transparent": True,
    "savefig.format": "pdf",
    "svg.fonttype": "none",
    "figure.autolayout": True,
}


@pytest.mark.slow
def test_settings_of_the_user_change_no_byte(real_runs, checks, tmp_path):
    def draw(name):
        (tmp_path / name).mkdir()
        run = real_runs["mild-pruning"]
        style.draw(
            lambda: trajectory.trajectory_figure(run, "mild-pruning", EPSILON),
            tmp_path / name,
            "run",
        )
        with style.house_style():
            inline = inline_svg(style.figure_of(trajectory.plot_lemmas(checks)), "lemmas", "")
        return [inline, *(path.read_bytes() for path in sorted((tmp_path / name).iterdir()))]

    plain = draw("plain")
    with matplotlib.rc_context(WILD):
        assert draw("wild") == plain
        assert {name: matplotlib.rcParams[name] for name in WILD} == WILD
    assert len(plain) == 3


@pytest.mark.parametrize("failing", ["make", "save"])
def test_figure_that_fails_is_one_line(failing, tmp_path, monkeypatch, capsys):
    def fail(*_):
        raise OSError(28, "No space\nleft")

    monkeypatch.setattr(style, "write_whole", fail)
    assert style.draw(fail if failing == "make" else style.new_figure, tmp_path, "some") == []
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr() == (
        "",
        "theorycheck: the figure some could not be drawn: OSError: [Errno 28] No space left\n",
    )


def test_lessons_draw_in_the_house_style_by_its_name():
    with matplotlib.rc_context():
        pyplot.style.use(["theorycheck.house", {"figure.dpi": 144}])
        by_name = matplotlib.rcParams.copy()
    with style.house_style():
        for name in ("font.size", "axes.prop_cycle", "svg.hashsalt", "figure.figsize"):
            assert matplotlib.rcParams[name] == by_name[name]
    assert by_name["figure.dpi"] == 144


def test_nothing_global_is_touched(real_runs, p_grid, checks, tmp_path):
    before = matplotlib.rcParams.copy()
    with style.house_style():
        figure = trajectory.trajectory_figure(real_runs["mild-pruning"], "mild-pruning", EPSILON)
        style.save(figure, tmp_path, "figure")
        trajectory.plot_test_loss(p_grid, EPSILON)
        trajectory.plot_lemmas(checks)
    assert pyplot.get_fignums() == []
    assert matplotlib.rcParams.copy() == before


def test_house_style_is_undone_after_an_error():
    before = matplotlib.rcParams.copy()

    def fail_inside():
        with style.house_style():
            assert matplotlib.rcParams["svg.hashsalt"] == "theorycheck"
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        fail_inside()
    assert matplotlib.rcParams.copy() == before


# the letters that the font of a page in LaTeX lacks


def test_letters_that_the_paper_font_lacks_are_mathematics_there_alone():
    text = r"a_b < c > |d| ~{e} $x_1 > \{2\}$ 5\$ f > g $y$"
    for name, told in (
        ("house", text),
        (
            "paper",
            r"a$\_$b $<$ c $>$ $|$d$|$ $\sim$$\{$e$\}$ $x_1 > \{2\}$ 5\$ f $>$ g $y$",
        ),
    ):
        with style.house_style(name):
            figure = style.new_figure()
            shown = figure.text(0, 0, text)
            for _ in range(2):  # what is spelled stays as it is
                assert style.spelled(figure) is figure
                assert shown.get_text() == told


def test_pdf_in_the_paper_style_embeds_truetype_and_warns_of_nothing(caplog):
    with style.house_style("paper"):
        figure = style.new_figure()
        figure.text(0.5, 0.5, r"plain and $\gamma$")
        pdf = style.rendered(figure, "pdf")
    assert b"/TrueType" in pdf or b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf
    assert caplog.records == []
