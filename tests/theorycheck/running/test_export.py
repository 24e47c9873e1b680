import csv
import dataclasses

import pytest

from sims import Problem, Trajectory
from theorycheck.running.export import export
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import execute, failed

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)
SPECS = [RunSpec.plan(PROBLEM, seed, "gram", max_steps=3, population=False) for seed in range(3)]


@pytest.fixture(scope="module")
def records():
    return [execute(SPECS[0]), execute(SPECS[1]), failed(SPECS[2], "it, 'failed'", 1.0)]


def written(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_equal_results_give_equal_bytes(tmp_path, records):
    for name, order, seconds in (("one", records, 1.0), ("other", records[::-1], 2.0)):
        with open_store(tmp_path / f"{name}.db", "create") as store:
            for record in order:
                values = {**record.values, "seconds": seconds, "host": name, "finished": name}
                store.add(dataclasses.replace(record, values=values))
            assert export(store, tmp_path / name) == 3
    found = written(tmp_path / "one")
    assert found == written(tmp_path / "other")
    runs = [f"runs/{record.key}.npz" for record in records[:2]]
    assert sorted(found) == sorted(["runs.csv", *runs])


def test_table_and_files_hold_the_runs(tmp_path, records):
    with open_store(tmp_path / "study.db", "create") as store:
        for record in records:
            store.add(record)
        export(store, tmp_path / "out")
    with (tmp_path / "out" / "runs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, record in zip(rows, records, strict=True):
        assert row["key"] == record.key
        assert row["reason"] == record.values["reason"]
        assert not {"seconds", "host", "finished", "versions", "digest"} & set(row)
        if record.npz is None:
            assert row["loss"] == ""
        else:
            assert float(row["loss"]) == record.values["loss"]
            run = Trajectory.load(tmp_path / "out" / "runs" / f"{record.key}.npz")
            assert run.loss[-1] == record.values["loss"]


@pytest.mark.parametrize("key", ["../../escaped", "e" * 31 + "/", "E" * 32, ""])
def test_text_that_is_no_key_names_no_file(key, tmp_path, records):
    out = tmp_path / "far" / "below"
    with open_store(tmp_path / "study.db", "create") as store:
        store.add(dataclasses.replace(records[0], key=key))
        with pytest.raises(ValueError, match="is not what was written"):
            export(store, out)
    assert [path.name for path in tmp_path.iterdir() if path.name != "far"] == ["study.db"]
    assert not written(out)


def test_damaged_store_leaves_no_table(tmp_path, records):
    bad = dataclasses.replace(records[1], values={**records[1].values, "loss": 7.0})
    with open_store(tmp_path / "study.db", "create") as store:
        store.add(records[0])
        store.add(bad)
        store._all("UPDATE runs SET loss = 8.0 WHERE key = ?", (bad.key,))
        with pytest.raises(ValueError, match=f"run {bad.key} is not what was written"):
            export(store, tmp_path / "out")
    assert sorted(written(tmp_path / "out")) == [f"runs/{records[0].key}.npz"]
