"""What a report says of a store: n of N runs, and no outcome that more runs could change."""

import json
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from click.testing import CliRunner

import theorycheck.family
import theorycheck.plan
import theorycheck.record
import theorycheck.run_plan
import theorycheck.sweep
from theorycheck.cli import main
from theorycheck.plan import Plan
from theorycheck.report import load_results, render
from theorycheck.run_plan import run_plan
from theorycheck.store import open_store
from theorycheck.store_results import NOT_STORED, UNFINISHED, store_results
from theorycheck.study import read_study
from theorycheck.sweep import run_sweep
from theorycheck.verdict import OUTCOMES
from theorycheck.verification import verify

SIZES = [300, 600, 1200]
STUDY = {
    "seeds": 3,
    "target_loss": 0.3,
    "problem": {"d": SIZES, "n": 4, "m": 3, "K": 2, "p": 0.9},
}
CLAIMS = ["stopping-time", "train-loss", "signal-learned", "no-cross-signal", "no-noise",
          "test-loss"]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.db"


@pytest.fixture(scope="module")
def swept_once(tmp_path_factory):
    path = tmp_path_factory.mktemp("swept") / "study.db"
    with ThreadPoolExecutor(1) as threads:
        run_sweep(STUDY, path, executor=threads)
    return path


@pytest.fixture
def swept(swept_once, path):
    """A store with every run of the study."""
    shutil.copy(swept_once, path)
    return path


@pytest.fixture
def leave_out(path):
    """Take some of the stored runs away again, as if the sweep had been interrupted."""

    def forget(condition):
        connection = sqlite3.connect(path)
        with connection:
            keys = "SELECT key FROM runs WHERE " + condition
            connection.execute(f"DELETE FROM trajectories WHERE key IN ({keys})")
            gone = connection.execute("DELETE FROM runs WHERE " + condition).rowcount
        connection.close()
        return gone

    return forget


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def outcomes(results):
    return {one["outcome"] for one in results["verdicts"]}


# --- sweeps


def test_finished_study_along_d_is_judged_as_verify_judges(swept):
    found = store_results(swept)
    family = theorycheck.family.mild_family(SIZES, n=4, m=3, p=0.9)
    expected = verify("mild-pruning", family, 3, epsilon=0.3)
    told = [(one["claim"], one["outcome"], one["reason"]) for one in found["verdicts"]]
    assert told == [(one.claim, one.outcome, one.reason) for one in expected]
    study = found["study"]
    assert [study[name] for name in ("done", "failed", "missing", "total")] == [9, 0, 0, 9]
    assert not study["unfinished"]
    (note,) = study["notes"]
    assert note.startswith("Not judged: Over-pruning: no run lies in the event")
    assert study["moving"] == ["d", "sigma_n"]
    assert len(study["rows"]) == 3
    json.dumps(found, allow_nan=False)


def test_finished_study_is_on_the_page(swept):
    page = render(load_results(swept))
    said = text_of(page)
    assert "9 of 9 runs of study.db are done, 0 failed, 0 are missing." in said
    assert "Medians over the runs of each problem" in said
    assert page.count('<details class="claim ') == 6
    assert "Seeds 0 to 2" in said
    assert "Engines flow" in said


@pytest.mark.parametrize("gone", ["d = 600", "seed = 2", "d > 300", "1 = 1"])
def test_unfinished_study_gives_no_outcome(gone, swept, leave_out):
    missing = leave_out(gone)
    found = store_results(swept)
    assert outcomes(found) == {UNFINISHED}
    assert UNFINISHED not in OUTCOMES
    assert {one["reason"] for one in found["verdicts"]} == {f"unfinished: {9 - missing} of 9 runs"}
    assert "rows" not in found["study"]
    page = render(found)
    said = text_of(page)
    assert f"<h1>Unfinished: {9 - missing} of 9 runs</h1>" in page
    assert f"{missing} are missing. More runs may change what they say" in said
    shown = text_of(page.split("<body>")[1]).split("What the outcomes mean")[0]
    assert not [one for one in OUTCOMES if one in shown]
    assert "Medians" not in said


def test_study_that_is_no_path_has_medians_and_the_reason(path, made_here):
    problem = {**STUDY["problem"], "n": [4, 5]}
    run_sweep({**STUDY, "problem": problem}, path)
    found = store_results(path)
    assert found["verdicts"] == []
    assert len(found["study"]["rows"]) == 6
    (note,) = found["study"]["notes"]
    assert note.startswith("Not judged: Mild pruning, Over-pruning: that takes a path along one of")
    assert "moves here is d and n and sigma_n and sigma_0" in note
    assert "<h1>18 of 18 runs</h1>" in render(found)


def test_study_that_does_not_compare_is_said_once(path, made_here):
    run_sweep({**STUDY, "rtol": 1e-4}, path)
    run_sweep(STUDY, path)
    (note,) = store_results(path)["study"]["notes"]
    assert note.startswith("Not judged: any theorem: a problem was run in several ways")


def test_run_that_failed_without_results_leaves_the_study_open(path, made_here, monkeypatch):
    simulate = theorycheck.record.simulate

    def fail(problem, seed, *arguments, **options):
        if (problem.d, seed) == (600, 1):
            raise RuntimeError("out of <luck>")
        return simulate(problem, seed, *arguments, **options)

    monkeypatch.setattr(theorycheck.record, "simulate", fail)
    run_sweep(STUDY, path)
    found = store_results(path)
    assert outcomes(found) == {UNFINISHED}
    assert found["verdicts"][0]["reason"] == (
        "unfinished: 8 of 9 runs; 1 failed and may be made again"
    )
    assert [row["failed"] for row in found["study"]["rows"]] == [0, 1, 0]
    page = render(found)
    assert "1 failed: RuntimeError: out of &lt;luck&gt;" in page
    assert "<luck>" not in page
    monkeypatch.undo()


def test_runs_that_diverged_are_results(path, made_here):
    wild = {"d": [40, 60, 80], "n": 6, "m": 3, "K": 3, "p": 0.6, "mu": 1.3, "sigma_n": 0.3,
            "sigma_0": 1.0, "eta": 1e5}  # fmt: skip
    run_sweep({"seeds": 3, "problem": wild}, path)
    found = store_results(path)
    assert found["study"]["failed"] > 0
    assert not found["study"]["unfinished"]
    assert outcomes(found) <= set(OUTCOMES)
    assert not outcomes(found) & {"holds", "refuted", "consistent"}
    assert "left all bounds" in render(found)


def test_study_without_population_is_not_judged_by_its_test_loss(path, made_here):
    run_sweep({**STUDY, "population": False}, path)
    by_claim = {one["claim"]: one for one in store_results(path)["verdicts"]}
    assert by_claim["test-loss"]["outcome"] == "undecided"
    assert "could not be measured" in by_claim["test-loss"]["reason"]
    assert by_claim["train-loss"]["outcome"] == "holds"


def test_store_without_runs_has_a_page(path, tmp_path):
    open_store(path, "create").close()
    assert "0 of 0 runs of study.db" in text_of(render(load_results(path)))


def test_damaged_run_is_one_sentence(swept):
    connection = sqlite3.connect(swept)
    with connection:
        connection.execute("UPDATE runs SET loss = 7 WHERE d = 600")
    connection.close()
    with pytest.raises(ValueError, match="is not what was written"):
        store_results(swept)


# --- verify


@pytest.fixture(scope="module")
def check_once(tmp_path_factory):
    """Make a small check into a store, once; return its results and its store."""
    folder = tmp_path_factory.mktemp("checked")

    @cache
    def make(*theorems):
        store = folder / f"{len(list(folder.iterdir()))}.db"
        for theorem in theorems:
            plan = Plan(theorem, tuple(SIZES), 2, 4, 3, workers=1, epsilon=0.3,
                        out=folder / "out", store=store)  # fmt: skip
            made = json.loads(run_plan(plan, "the command").json)
        return made, store

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as threads:
        patch.setattr(threads, "shutdown", lambda **_: None)
        patch.setattr(theorycheck.sweep, "Processes", lambda count: threads)
        patch.setattr(theorycheck.plan, "P_GRID", (1.0, 0.5))
        patch.setattr(theorycheck.plan, "P_GRID_SHAPE", {"d": 300, "n": 4, "m": 3, "K": 2})
        patch.setattr(theorycheck.run_plan, "_draw", lambda *_: [])
        patch.setattr(theorycheck.run_plan, "_run_lemmas", lambda *_: [])
        yield make
        patch.undo()


@pytest.fixture
def check(check_once, path):
    """Put the store of a check at the path; return what the last theorem's verdicts were."""

    def copy(*theorems):
        made, store = check_once(*theorems)
        shutil.copy(store, path)
        return made

    return copy


def test_report_of_a_check_is_that_of_verify(check, path):
    made = check("mild-pruning")
    found = store_results(path)
    study = found.pop("study")
    assert found == made
    assert [study[name] for name in ("done", "total", "unfinished")] == [12, 12, False]
    assert study["notes"] == []


@pytest.mark.parametrize("gone", ["seed = 1", "d = 1200", "p = 0.5"])
def test_unfinished_check_gives_no_outcome(gone, check, path, leave_out):
    made = check("mild-pruning")
    missing = leave_out(gone)
    found = store_results(path)
    told = [(one["claim"], one["outcome"], one["reason"]) for one in found["verdicts"]]
    reason = f"unfinished: {12 - missing} of 12 runs"
    assert told == [(claim, UNFINISHED, reason) for claim in CLAIMS]
    assert found["trajectories"] is None
    assert found["command"] == made["command"]
    assert f"<h1>Unfinished: {12 - missing} of 12 runs</h1>" in render(found)


def test_report_shows_the_last_check(check, path):
    check("mild-pruning", "over-pruning")
    assert {one["theorem"] for one in store_results(path)["verdicts"]} == {"over-pruning"}


def test_lemma_on_the_path_is_there_and_draws_are_said_to_be_missing(check, path, leave_out):
    made = check("lemmas")
    found = store_results(path)
    assert found["verdicts"] == made["verdicts"]
    assert found["study"]["notes"] == [NOT_STORED]
    leave_out("seed = 0")
    (only,) = store_results(path)["verdicts"]
    assert (only["theorem"], only["claim"], only["outcome"]) == (
        "lemmas", "gradient-norm", UNFINISHED,
    )  # fmt: skip


def test_check_that_cannot_be_read_is_one_sentence(check, path):
    check("mild-pruning")
    with open_store(path, "write") as store:
        store.remember_check("the command", "{")
    with pytest.raises(ValueError, match="no options of verify"):
        store_results(path)


# --- the command


def test_store_is_known_by_what_is_in_it(tmp_path, made_here, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_sweep(STUDY, tmp_path / "verdicts.json")
    told = CliRunner().invoke(main, ["report", "verdicts.json", "--out", "page"])
    assert (told.exit_code, told.stdout) == (0, "written to page/index.html\n")
    assert "9 of 9 runs" in (tmp_path / "page" / "index.html").read_text("utf-8")
    sqlite3.connect("other.db").execute("CREATE TABLE t (x)").connection.close()
    told = CliRunner().invoke(main, ["report", "other.db"])
    assert told.exit_code == 2
    assert told.stderr == ("theorycheck: other.db is not a store of runs written by theorycheck\n")


def test_every_run_of_the_study_is_counted(swept):
    keys = {spec.key for spec in read_study(STUDY)}
    with open_store(swept) as store:
        assert store.asked() == store.keys() == set(store.outcomes()) == keys
        assert set(store.outcomes().values()) == {("done", True)}
        assert len(store.settings()) == len(SIZES)
        assert len(store.versions()) == 1
        assert store.last_check() is None
