"""The commands on stores, in this process: what they say, one sentence for all that is wrong."""

import inspect
import json
import re
import tomllib
from concurrent.futures import Future
from pathlib import Path

import pytest
from click.testing import CliRunner

import theorycheck.running.rerun
import theorycheck.running.sweep
from theorycheck.cli import main
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import failed
from theorycheck.running.study_file import read_study
from theorycheck.running.sweep import run_sweep

pytestmark = pytest.mark.slow

STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}
STUDY = """
engine = "gram"
max_steps = 10
population = false
seeds = 2
[problem]
d = 60
n = 4
m = 3
K = 2
p = [1.0, 0.5]
sigma_0 = 0.01
eta = {eta}
"""


class Here:
    """An executor that runs everything at once, and counts."""

    made = 0

    def submit(self, function, spec):
        Here.made += 1
        future = Future()
        future.set_result(function(spec))
        return future

    def shutdown(self, **_):
        pass


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Call the command line in a folder with a study; runs are made in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(theorycheck.running.sweep, "Processes", lambda count: Here())
    (tmp_path / "study.toml").write_text(STUDY.format(eta=0.5))
    (tmp_path / "wild.toml").write_text(STUDY.format(eta="[0.5, 1e30]"))
    runner = CliRunner(**STREAMS)
    return lambda *words: runner.invoke(main, [str(word) for word in words])


def test_sweep_status_export_and_rerun(call, tmp_path):
    swept = call("sweep", "study.toml", "--store", "study.db")
    said = "study.db: 4 of 4 runs done, 0 failed, 0 missing\n"
    assert (swept.exit_code, swept.stdout, swept.stderr) == (0, said, "")
    told = call("status", "study.db")
    assert (told.exit_code, told.stdout) == (0, said)
    told = call("status", "study.db", "--format", "json", "--check")
    assert json.loads(told.stdout) == {"done": 4, "failed": 0, "missing": 0, "total": 4}
    exported = call("export", "study.db", "--out", "out")
    assert exported.stdout == "4 runs written to out\n"
    (_, row, *_) = (tmp_path / "out" / "runs.csv").read_text().splitlines()
    again = call("rerun", "study.db", row[:8])
    assert again.exit_code == 0
    assert (
        again.stdout == f"{row[:32]}: agrees: equal to the bit, on the same machine and versions\n"
    )


def test_sweep_with_failed_runs_exits_with_1(call):
    swept = call("sweep", "wild.toml", "--store", "study.db")
    assert swept.exit_code == 1
    assert re.fullmatch(r"study.db: \d of 8 runs done, [1-4] failed, 0 missing\n", swept.stdout)
    told = call("status", "study.db")
    assert re.search(r"  \d failed, as run \w+: the logits left all bounds at step 2", told.stdout)


def test_rerun_that_differs_exits_with_1(call, monkeypatch):
    call("sweep", "study.toml", "--store", "study.db")
    with open_store("study.db") as store:
        key = min(store.keys())
    monkeypatch.setattr(theorycheck.running.rerun, "execute", lambda spec: failed(spec, "no", 0.0))
    again = call("rerun", "study.db", key)
    assert again.exit_code == 1
    assert again.stdout.startswith(f"{key}: DIFFERS: ")


def test_failed_runs_are_made_again_on_demand(call):
    made = []
    for options in ([], [], ["--retry-failed"]):
        Here.made = 0
        call("sweep", "wild.toml", "--store", "study.db", *options)
        made.append(Here.made)
    assert made[:2] == [8, 0]
    assert 1 <= made[2] <= 4


BAD = {
    "no store": (["sweep", "study.toml"], "Missing option '--store'"),
    "no study": (["sweep", "--store", "x.db"], "Missing argument 'STUDY'"),
    "study not there": (["sweep", "none.toml", "--store", "x.db"], "none.toml: No such file"),
    "study of nonsense": (["sweep", "bad.toml", "--store", "x.db"], "bad.toml is not TOML"),
    "unknown key": (
        ["sweep", "key.toml", "--store", "x.db"],
        "key.toml: a study has no key 'sead'",
    ),
    "store no store": (["sweep", "study.toml", "--store", "bad.toml"], "bad.toml is not a store"),
    "store in no folder": (["sweep", "study.toml", "--store", "a/b.db"], "a/b.db: No such file"),
    "no workers": (["sweep", "study.toml", "--store", "x.db", "--workers", "0"], "workers must be"),
    "workers no number": (
        ["sweep", "study.toml", "--store", "x.db", "--workers", "x"],
        "not a valid",
    ),
    "no such dask": (
        ["sweep", "study.toml", "--store", "x.db", "--dask", "nonsense://"],
        "dask must be",
    ),
    "status of nothing": (["status", "none.db"], "none.db: No such file"),
    "status of a study": (["status", "study.toml"], "study.toml is not a store"),
    "status as xml": (["status", "study.toml", "--format", "xml"], "'xml' is not one of"),
    "rerun of nothing": (["rerun", "none.db", "abcd"], "none.db: No such file"),
    "rerun without id": (["rerun", "none.db"], "Missing argument 'ID'"),
    "export of nothing": (["export", "none.db", "--out", "out"], "none.db: No such file"),
    "export nowhere": (["export", "none.db"], "Missing option '--out'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_usage_is_one_sentence(case, call, tmp_path):
    if case == "no such dask":
        pytest.importorskip("distributed")
    (tmp_path / "bad.toml").write_text("p = ")
    (tmp_path / "key.toml").write_text("sead = 3")
    words, message = BAD[case]
    result = call(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("theorycheck: ")
    assert message in line
    made = {"x.db"} if case == "no such dask" else set()
    names = {one.name for one in tmp_path.iterdir()} - {"study.toml", "wild.toml"}
    assert names - made == {"bad.toml", "key.toml"}


@pytest.mark.parametrize("command", ["sweep", "status", "rerun", "export"])
def test_command_explains_itself(command, call):
    assert call(command, "--help").exit_code == 0


DOCUMENT = Path(__file__).parents[3] / "docs" / "sweeps.md"
STUDIES = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
RUNS = [200, 18, 24]


@pytest.mark.parametrize(("text", "count"), [*zip(STUDIES, RUNS, strict=True)], ids=RUNS)
def test_document_says_how_many_runs_its_studies_make(text, count):
    assert len(read_study(tomllib.loads(text))) == count
    assert f"{count} runs" in DOCUMENT.read_text("utf-8")


@pytest.mark.parametrize("text", STUDIES, ids=RUNS)
def test_studies_of_the_document_run(text, tmp_path):
    content = {**tomllib.loads(text), "max_steps": 20, "seeds": 1}
    found = run_sweep(content, tmp_path / "study.db", executor=Here())
    assert found.done == found.total > 0
