"""What a report says of a store: n of N runs, and no outcome that more runs could change."""

import json
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import bounds
import theorycheck.commands.check
import theorycheck.commands.plan
import theorycheck.judging.family
import theorycheck.running.stored_run
import theorycheck.running.sweep
from theorycheck.cli import main
from theorycheck.commands.check import run_plan
from theorycheck.commands.plan import Plan
from theorycheck.commands.results import NOT_STORED, UNFINISHED, load_results, store_results
from theorycheck.commands.verify import verify
from theorycheck.judging.verdict import OUTCOMES
from theorycheck.reporting.page import render
from theorycheck.running.store import open_store
from theorycheck.running.study_file import read_study
from theorycheck.running.sweep import run_sweep

pytestmark = pytest.mark.slow

SIZES = [300, 600, 1200]
STUDY = {
    "seeds": 3,
    "target_loss": 0.3,
    "problem": {"d": SIZES, "n": 4, "m": 3, "K": 2, "p": 0.9},
}
OWN = """
from bounds.statements import BIG_O, Claim, Source, Theorem
from bounds.symbols import sigma_0
from sims import Problem
from theorycheck import Family
SOURCE = Source("me", "derived", "")
CLAIM = Claim("noise", "", "", sigma_0, BIG_O, SOURCE, measure="no-noise")
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"noise": CLAIM}, "every-draw")
FAMILY = Family("d", tuple(
    Problem(d=d, n=4, m=3, K=2, p=0.6, mu=1.3, sigma_n=0.03, sigma_0=0.1, eta=0.5)
    for d in (40, 60, 80)
), "")
"""
TRAP = "from pathlib import Path; Path('sprung').touch()"
# what version 0.1.0 remembered of a check: every option, and no hash of a module's text
OF_0_1_0 = {"theorem": "all", "d": None, "seeds": 20, "n": 10, "m": 6, "K": 2, "p": 0.7,
            "noise": "isotropic", "epsilon": 0.05, "engine": "auto", "along": []}  # fmt: skip
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
    family = theorycheck.judging.family.mild_family(SIZES, n=4, m=3, p=0.9)
    expected = verify("mild-pruning", family, [0, 1, 2], epsilon=0.3)
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
    assert page.count('<details class="claim ') == 7
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
    run_sweep({**STUDY, "seeds": 1, "problem": problem}, path)
    found = store_results(path)
    assert found["verdicts"] == []
    assert len(found["study"]["rows"]) == 6
    (note,) = found["study"]["notes"]
    assert note.startswith("Not judged: Mild pruning, Over-pruning: that takes a path along one of")
    assert "moves here is d and n and sigma_n and sigma_0" in note
    assert "<h1>6 of 6 runs</h1>" in render(found)


def test_study_that_does_not_compare_is_said_once(path, made_here):
    run_sweep({**STUDY, "seeds": 1, "rtol": 1e-4}, path)
    run_sweep({**STUDY, "seeds": 1}, path)
    (note,) = store_results(path)["study"]["notes"]
    assert note.startswith("Not judged: any theorem: a problem was run in several ways")


def test_run_that_failed_without_results_leaves_the_study_open(path, made_here, monkeypatch):
    simulate = theorycheck.running.stored_run.simulate

    def fail(problem, seed, *arguments, **options):
        if (problem.d, seed) == (600, 1):
            raise RuntimeError("out of <luck>")
        return simulate(problem, seed, *arguments, **options)

    monkeypatch.setattr(theorycheck.running.stored_run, "simulate", fail)
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
    assert by_claim["train-loss"]["outcome"] == "consistent"


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
                        p_grid=theorem == "mild-pruning",
                        out=folder / "out", store=store)  # fmt: skip
            made = json.loads(run_plan(plan, "the command").json)
        return made, store

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as threads:
        patch.setattr(threads, "shutdown", lambda **_: None)
        patch.setattr(theorycheck.running.sweep, "Processes", lambda count: threads)
        patch.setattr(theorycheck.commands.plan, "P_GRID", (1.0, 0.5))
        patch.setattr(theorycheck.commands.plan, "P_GRID_SHAPE", {"d": 300, "n": 4, "m": 3, "K": 2})
        patch.setattr(theorycheck.commands.check, "draw_check", lambda *_: [])
        patch.setattr(theorycheck.commands.check, "_run_lemmas", lambda *_: [])
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


def test_study_of_another_model_is_held_to_the_theorems_of_that_model(path):
    shape = {"d": SIZES, "n": 8, "m": 6, "K": 2, "p": 1.0, "mu": 1.0, "sigma_n": 0.02}
    model = {"noise": "orthogonal", "signals": "antipodal"}
    problem = {**shape, "sigma_0": 0.01, "eta": 0.1, **model}
    with ThreadPoolExecutor(1) as threads:
        run_sweep({**STUDY, "problem": problem}, path, executor=threads)
    notes = " ".join(store_results(path)["study"]["notes"])
    of_the_model = {one.title for one in bounds.SIBLING_THEOREMS.values()}
    assert all(title in notes for title in of_the_model)
    others = (*bounds.THEOREMS.values(), *bounds.THRESHOLD_THEOREMS.values())
    assert not any(one.title in notes for one in others if one.title not in of_the_model)


def test_report_of_a_check_is_that_of_verify(check, path):
    made = check("mild-pruning")
    found = store_results(path)
    study = found.pop("study")
    assert {**found, "files": made["files"]} == made  # a store has no figures
    assert [study[name] for name in ("done", "total", "unfinished")] == [12, 12, False]
    assert study["notes"] == []


@pytest.mark.parametrize(
    ("gone", "missing", "asked"),
    # the runs over p are asked for last, when those of the paths are there
    [("seed = 1", 3, 6), ("d = 1200", 2, 6), ("p = 0.5", 3, 12)],
)
def test_unfinished_check_gives_no_outcome(gone, missing, asked, check, path, leave_out):
    made = check("mild-pruning")
    leave_out(gone)
    found = store_results(path)
    told = [(one["claim"], one["outcome"], one["reason"]) for one in found["verdicts"]]
    reason = f"unfinished: {asked - missing} of {asked} runs"
    assert told == [(claim, UNFINISHED, reason) for claim in CLAIMS]
    assert found["trajectories"] is None
    assert (found["claims"], found["summaries"]) == ([], [])
    assert found["command"] == made["command"]
    assert f"<h1>Unfinished: {asked - missing} of {asked} runs</h1>" in render(found)


def test_rounds_of_further_draws_are_read_from_the_store(check, path, leave_out):
    # of the seeds 0, 1, 2, 3 only 0 and 3 lie in the event at both sizes of the tail
    made = check("over-pruning")
    first = made["verdicts"][0]
    assert first["seeds"][:4] == [0, 1, 2, 3]
    assert first["draws"] >= 2
    found = store_results(path)
    assert found["verdicts"] == made["verdicts"]
    assert (found["claims"], found["summaries"]) == (made["claims"], made["summaries"])
    study = found["study"]
    assert study["done"] == study["total"] == first["total"] == 3 * len(first["seeds"])
    assert leave_out("seed = 3 AND d = 600") == 1
    found = store_results(path)
    assert outcomes(found) == {UNFINISHED}
    assert found["study"]["missing"] == 1


def test_runs_of_an_earlier_version_are_read_as_they_were_judged(check, path, monkeypatch):
    # made by a version whose runs had other bits, and so other keys
    for module in (theorycheck.running.spec, theorycheck.commands.check_runs):
        monkeypatch.setattr(module, "RESULT_VERSION", 2)
    made = check("mild-pruning")
    monkeypatch.undo()
    found = store_results(path)
    assert found["study"]["unfinished"] is False
    assert found["verdicts"] == made["verdicts"]


def test_report_shows_the_last_check(check, path):
    check("mild-pruning", "lemmas")
    assert {one["theorem"] for one in store_results(path)["verdicts"]} == {"lemmas"}


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


# --- a theorem of one's own


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder where commands are given, with a module."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


@pytest.fixture
def check_own(folder, path, made_here, monkeypatch):
    """Check a module into the store at the path; return the verdicts."""
    monkeypatch.setattr(theorycheck.commands.check, "draw_check", lambda *_: [])
    monkeypatch.setattr(theorycheck.commands.check, "render", lambda content: "")

    def check(module="own.py"):
        plan = Plan(module, seeds=2, workers=1, out=folder / "out", store=path)
        return json.loads(run_plan(plan, "the command").json)

    return check


def report(*words):
    return CliRunner().invoke(main, ["report", "study.db", "--out", "page", *words])


def assert_refused(told, *messages):
    """One line on standard error, exit status 2, and no page."""
    assert (told.exit_code, told.stdout) == (2, "")
    (line,) = told.stderr.splitlines()
    for message in messages:
        assert message in line, line
    assert not Path("page").exists()


def remember(path, **changes):
    """Let a store say that `verify` was asked for something."""
    with open_store(path, "create") as store:
        store.remember_check("theorycheck verify", json.dumps({**OF_0_1_0, **changes}))


@pytest.mark.parametrize("given", [[], ["--theorem", "own.py"], ["--theorem", "mild-pruning"]])
@pytest.mark.parametrize("options", [{}, {"sha256": "0" * 64}, {"sha256": None}])
def test_report_imports_nothing_that_a_store_names(options, given, folder, path):
    (folder / "trap.py").write_text(TRAP)
    remember(path, theorem="trap.py", **options)
    assert_refused(report(*given), "trap.py" if not given else "")
    assert not (folder / "sprung").exists()


def test_report_of_an_own_theorem_is_that_of_verify(check_own, path, folder):
    made = check_own()
    (folder / "own.py").rename(folder / "moved.py")  # the text counts, not where it lies
    found = store_results(path, "moved.py")
    assert found.pop("study")["done"] == 6
    assert {**found, "files": made["files"]} == made  # a store has no figures
    told = report("--theorem", "moved.py")
    assert (told.exit_code, told.stdout) == (0, "written to page/index.html\n")


def test_report_of_an_own_theorem_asks_for_its_module(check_own, folder):
    check_own()
    assert_refused(report(), "--theorem", "own.py", "imports nothing")
    assert_refused(report("--theorem", "mild-pruning"), "--theorem must be the path of the module")
    assert_refused(report("--theorem", "none.py"), "none.py must be a file")


def test_old_runs_are_not_judged_by_an_edited_theorem(check_own, folder, made_here):
    check_own()
    (folder / "edited.py").write_text(OWN.replace("sigma_0, BIG_O", "sigma_0**2, BIG_O"))
    assert_refused(report("--theorem", "edited.py"), "the text of 'edited.py' is another")


def test_check_of_an_edited_theorem_takes_the_runs_and_is_reported_from_then_on(
    check_own, folder, path, made_here
):
    first, runs = check_own(), list(made_here)
    (folder / "edited.py").write_text(OWN.replace("sigma_0, BIG_O", "sigma_0**2, BIG_O"))
    made = check_own("edited.py")
    assert made_here == runs
    assert made["verdicts"][0]["sizes"][0]["bound"] != first["verdicts"][0]["sizes"][0]["bound"]
    assert store_results(path, "edited.py")["verdicts"] == made["verdicts"]
    assert_refused(report("--theorem", "own.py"), "the text of 'own.py' is another")


def test_own_theorem_of_0_1_0_is_checked_again_before_it_is_reported(
    check_own, folder, path, made_here
):
    made, runs = check_own(), list(made_here)
    remember(path, theorem=str(folder / "own.py"), seeds=2)
    for given in ([], ["--theorem", "own.py"]):
        assert_refused(report(*given), "of version 0.1.0", "`verify --store` again")
    assert check_own() == made
    assert made_here == runs
    assert report("--theorem", "own.py").exit_code == 0


@pytest.mark.parametrize("along", [[], ["d", "epsilon"]])
def test_other_checks_of_0_1_0_are_read(along, path):
    remember(path, along=along)
    found = store_results(path)
    assert outcomes(found) == {UNFINISHED}
    assert found["study"]["missing"] == found["study"]["total"] >= 100


def test_module_is_refused_where_none_was_checked(check, path, folder, swept_once):
    check("mild-pruning")
    given = ["--theorem", "own.py"]
    assert_refused(report(*given), "--theorem must be left out where mild-pruning was checked")
    shutil.copy(swept_once, path)
    assert_refused(report(*given), "--theorem must be left out where no theorem was checked")
    path.unlink()
    path.write_text('{"format_version": 1, "verdicts": []}')
    assert_refused(report(*given), "--theorem must be left out where RESULTS holds its verdicts")


# --- the command


def test_store_is_known_by_what_is_in_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store("verdicts.json", "create").close()
    told = CliRunner().invoke(main, ["report", "verdicts.json", "--out", "page"])
    assert (told.exit_code, told.stdout) == (0, "written to page/index.html\n")
    assert "0 of 0 runs" in (tmp_path / "page" / "index.html").read_text("utf-8")
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
