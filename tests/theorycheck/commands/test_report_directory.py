"""A report directory holds one check: what an older one wrote goes, what is the user's stays."""

import json

import pytest

from theorycheck.commands import report_directory as module
from theorycheck.commands.report_directory import FIGURES, files_of, write_verdicts
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.reporting.figures.check import draw_check

PAGE_AND_FIGURES = ["index.html", *(f"{n}.{e}" for n in FIGURES for e in ("svg", "png"))]
OTHERS = ["notes.txt", "falsify.json", "phase.svg", "calibration.png", "lemmas.svg.bak"]


@pytest.fixture
def out(tmp_path):
    """A folder with every page and figure, and other files."""
    for name in (*PAGE_AND_FIGURES, *OTHERS):
        (tmp_path / name).write_text(name)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "lemmas.svg").touch()
    return tmp_path


def write(out, **content):
    (out / "verdicts.json").write_text(json.dumps(content))


def names(out):
    return {path.name for path in out.iterdir() if path.is_file()}


def test_files_of_a_check_are_gone_when_the_next_has_written_its_verdicts(out):
    listed = ["verdicts.json", "index.html", "lemmas.svg", "lemmas.png"]
    write(out, format_version=1, verdicts=[], files=listed)
    assert write_verdicts(out, "new") == out / "verdicts.json"
    assert (out / "verdicts.json").read_text() == "new"
    assert names(out) == {"verdicts.json", *OTHERS, *PAGE_AND_FIGURES} - {*listed[1:]}
    assert (out / "below" / "lemmas.svg").exists()


def test_all_that_version_0_1_0_may_have_left_is_gone(out):
    write(out, format_version=1, verdicts=[])
    write_verdicts(out, "new")
    assert names(out) == {"verdicts.json", *OTHERS}


@pytest.mark.parametrize(
    "listed",
    [["notes.txt", "below/lemmas.svg", "../notes.txt"], "notes.txt", {"notes.txt": 1}, None, 7, []],
)
def test_verdicts_of_anyone_name_no_file_to_remove(listed, out):
    (out / "below" / "notes.txt").touch()
    (out / "below" / "index.html").touch()
    write(out / "below", format_version=1, verdicts=[], files=listed)
    write(out, format_version=1, verdicts=[], files=listed)
    before = names(out)
    for folder in (out / "below", out):
        write_verdicts(folder, "new")
    assert names(out) == before - {"index.html"}
    assert names(out / "below") == {"lemmas.svg", "notes.txt", "verdicts.json"}


@pytest.mark.parametrize(
    "content", [None, "", "old", "[]", '{"files": ["lemmas.svg"]}', "[" * 10**5]
)
def test_figures_beside_what_are_no_verdicts_stay(content, out):
    if content is not None:
        (out / "verdicts.json").write_text(content)
    before = names(out) | {"verdicts.json"}
    write_verdicts(out, "new")
    assert names(out) == before - {"index.html"}


def test_verdicts_that_cannot_be_written_leave_every_file(out, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    write(out, format_version=1, verdicts=[])
    before = names(out)
    monkeypatch.setattr(module, "write_whole", fail)
    with pytest.raises(OSError, match="No space left"):
        write_verdicts(out, "new")
    assert names(out) == before


@pytest.mark.slow
def test_list_names_every_figure_that_is_drawn(real_runs, tmp_path):
    runs = {name: [run] for name, run in real_runs.items()}
    checks = [judge_lemma("class-counts", mild_problem(), 3, 200, 1)]
    drawn = draw_check(runs, [real_runs["mild-pruning"]], 0.05, checks, tmp_path)
    content = {
        "theorems": [{"id": name} for name in (*real_runs, "lemmas", "predictions", "own")],
        "trajectories": {},
        "verdicts": [{"claim": "no-noise"}, {"exact": 0.1}],
    }
    listed = files_of(content)
    assert listed[:2] == ["verdicts.json", "index.html"]
    assert {path.name for path in drawn} == set(listed[2:]) == set(PAGE_AND_FIGURES[1:])


def test_list_names_no_figure_that_is_not_drawn():
    none = {"theorems": [{"id": "lemmas"}], "trajectories": None, "verdicts": [{"claim": "x"}]}
    assert files_of(none) == ["verdicts.json", "index.html"]
