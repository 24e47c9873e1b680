import dataclasses
import errno
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

import theorycheck.running.store
import theorycheck.running.store_file
from sims import Problem
from theorycheck.running.claims import LEASE_SECONDS, new_owner
from theorycheck.running.progress import Progress
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import execute, failed

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)


@pytest.fixture(scope="module")
def records():
    """Four runs of two problems; the last one has failed."""
    specs = [
        RunSpec.plan(dataclasses.replace(PROBLEM, p=p), seed, "gram", max_steps=3, population=False)
        for p in (0.5, 0.25)
        for seed in (1, 0)
    ]
    return [*(execute(spec) for spec in specs[:3]), failed(specs[3], "out of luck", 0.1)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.db"


@pytest.fixture
def filled(path, records):
    with open_store(path, "create") as store:
        for record in records:
            store.add(record)
    return path


def test_what_is_stored_comes_back(filled, records):
    with open_store(filled) as store:
        for record in records:
            assert store.get(record.key) == record
            assert store.find(record.key[:10].upper()) == record
        assert store.get("0" * 32) is None
        assert store.check() == len(records)
        assert store.keys() == {record.key for record in records}


def test_records_come_in_one_order_whatever_order_they_were_stored_in(tmp_path, records):
    found = []
    for name, order in (("one.db", records), ("other.db", records[::-1])):
        with open_store(tmp_path / name, "create") as store:
            for record in order:
                store.add(record)
            found.append(list(store.records()))
    assert found[0] == found[1]
    assert [(one.values["p"], one.values["seed"]) for one in found[0]] == [
        (0.25, 0), (0.25, 1), (0.5, 0), (0.5, 1),
    ]  # fmt: skip


def test_stored_run_is_never_replaced(filled, records):
    other = dataclasses.replace(records[0], values={**records[0].values, "loss": 7.0})
    with open_store(filled, "write") as store:
        assert not store.add(other)
        assert store.get(records[0].key) == records[0]


def test_numbers_are_columns_for_other_tools(filled):
    connection = sqlite3.connect(filled)
    rows = connection.execute(
        "SELECT p, seed, steps, outcome FROM runs WHERE p < 0.3 ORDER BY seed"
    )
    assert rows.fetchall() == [(0.25, 0, None, "failed"), (0.25, 1, 3.0, "done")]
    connection.close()


def test_progress_counts_what_was_asked_for(filled, records):
    with open_store(filled, "write") as store:
        store.plan([record.key for record in records] + ["f" * 32])
        store.plan(["f" * 32])
        found = store.progress()
        assert found == Progress(done=3, failed=1, missing=1)
        assert (found.total, str(found)) == (5, "3 of 5 runs")
        assert store.failures() == [("out of luck", 1, records[3].key)]


def test_only_failed_runs_are_forgotten(filled, records):
    with open_store(filled, "write") as store:
        store.forget_failed(record.key for record in records)
        assert store.keys() == {record.key for record in records[:3]}


@pytest.mark.parametrize("start", ["abc", "", "xyzw", "' OR 1", "0000000"])
def test_id_that_names_no_run_is_one_sentence(filled, start):
    with open_store(filled) as store, pytest.raises(ValueError, match=r"ID must be 4|no run of"):
        store.find(start)


def test_id_of_two_runs_is_one_sentence(filled, records, monkeypatch):
    monkeypatch.setattr(theorycheck.running.store, "SHORTEST_ID", 0)
    with open_store(filled) as store, pytest.raises(ValueError, match=r"4 runs of .* start"):
        store.find("")


# --- siblings of the first model, and what version 0.1.0 stored

OLD_TABLE = (
    "CREATE TABLE runs (key TEXT PRIMARY KEY, d INTEGER, n INTEGER, m INTEGER, K INTEGER, p REAL, "
    "mu REAL, sigma_n REAL, sigma_0 REAL, eta REAL, q REAL, noise TEXT, seed INTEGER, engine TEXT, "
    "target_loss REAL, max_steps REAL, rtol REAL, population INTEGER, threads INTEGER, "
    "result_version INTEGER, outcome TEXT, status TEXT, reason TEXT, steps REAL, time_error REAL, "
    "loss REAL, max_gamma REAL, max_zeta REAL, max_omega REAL, test_loss REAL, test_loss_se REAL, "
    "test_error REAL, test_error_se REAL, seconds REAL, finished TEXT, host TEXT, versions TEXT, "
    "digest TEXT NOT NULL)"
)
OLD_ROW = (
    "8cbbe8520303c0f9cd1638f4851da1fa", 60, 4, 3, 2, 0.5, 1.0, 0.05, 0.01, 0.5, 3.0, "isotropic",
    3, "gram", 0.05, 3.0, 1e-05, 1, 1, 3, "failed", None, "out of luck", *[None] * 10, 0.5,
    "2025-01-01T00:00:00+00:00", "here", "{}",
    "7d6f502c4b40f609882fe34cb6d94cd92bbf11eff917ac91ed5eac1bc17be32a",
)  # fmt: skip


@pytest.fixture(scope="module")
def siblings():
    changes = ({"flip": 0.1}, {"signals": "antipodal"}, {"signals": "antipodal", "flip": 0.3})
    return [
        execute(RunSpec.plan(dataclasses.replace(PROBLEM, **change), 0, "gram", max_steps=3))
        for change in changes
    ]


def tables(path):
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    connection.close()
    return found


def test_siblings_come_back(filled, records, siblings):
    with open_store(filled, "write") as store:
        before = store.settings()
        for record in siblings:
            assert store.add(record)
        for record in (*siblings, *records):
            assert store.get(record.key) == record
        assert store.check() == 7
        found = [(one["signals"], one["flip"]) for one in store.settings()]
        assert sorted(found[-4:]) == [("antipodal", 0.0), ("antipodal", 0.3),
                                      ("axis", 0.0), ("axis", 0.1)]  # fmt: skip
        assert len(found) == len(before) + 3


def test_masks_by_score_are_stored_with_their_runs(path):
    spec = RunSpec.plan(dataclasses.replace(PROBLEM, pruning="snip"), 0, "gram", max_steps=3)
    record = execute(spec)
    assert record.siblings == {"pruning": "snip"}
    with open_store(path, "create") as store:
        assert store.add(record)
        assert store.get(spec.key) == record
        assert store.get(spec.key).trajectory().draw.mask_digest
        assert [one["pruning"] for one in store.settings()] == ["snip"]


def test_changed_sibling_is_found(filled, siblings):
    with open_store(filled, "write") as store:
        store.add(siblings[0])
    connection = sqlite3.connect(filled)
    connection.execute("UPDATE siblings SET value = 0.2")
    connection.commit()
    connection.close()
    with open_store(filled) as store, pytest.raises(ValueError, match="not what was written"):
        store.get(siblings[0].key)


def test_failed_sibling_is_made_again(path, siblings):
    spec = RunSpec.plan(dataclasses.replace(PROBLEM, flip=0.1), 0, "gram", max_steps=3)
    with open_store(path, "create") as store:
        store.add(failed(spec, "out of luck", 0.1))
        store.forget_failed([spec.key])
        assert store.add(siblings[0])
        assert store.get(spec.key) == siblings[0]


def test_store_without_siblings_is_the_one_of_the_first_version(filled):
    assert tables(filled)["runs"] == OLD_TABLE
    assert "siblings" not in tables(filled)


def test_store_of_the_first_version_is_read_and_gone_on_with(path, siblings):
    open_store(path, "create").close()
    connection = sqlite3.connect(path)
    connection.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(OLD_ROW))})", OLD_ROW)
    connection.commit()
    connection.close()
    spec = RunSpec.plan(PROBLEM, 3, "gram", max_steps=3)
    with open_store(path, "write") as store:
        assert spec.key_of(3) == OLD_ROW[0]
        assert store.check() == 1
        store.add(siblings[2])
        assert store.get(OLD_ROW[0]).values["signals"] == "axis"
        assert store.check() == 2


# --- claims


def test_claimed_run_is_nobody_elses(filled, records):
    keys = ["a" * 32, records[0].key, "b" * 32, "c" * 32]
    with open_store(filled, "write") as store:
        first, second = new_owner(), new_owner()
        assert store.claim(keys, first, 1) == ({keys[0]}, set(), set())
        assert store.claim(keys, second, 9) == (set(keys[2:]), {records[0].key}, {keys[0]})
        store.release(second)
        assert store.claim(keys[2:], first, 9) == (set(keys[2:]), set(), set())


def test_stored_run_is_claimed_no_more(path, records):
    with open_store(path, "create") as store:
        store.claim([records[0].key], new_owner(), 1)
        store.add(records[0])
        assert store._all("SELECT count(*) FROM claims") == [(0,)]


@pytest.mark.skipif(os.name != "posix", reason="asks whether a process lives")
def test_claims_of_a_dead_process_are_free_at_once(path):
    code = (
        "import sys; from theorycheck.running.store import *\n"
        "from theorycheck.running.claims import new_owner\n"
        f"open_store({str(path)!r}, 'create').claim(['a' * 32], new_owner(), 1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with open_store(path, "write") as store:
        assert store._all("SELECT count(*) FROM claims") == [(1,)]
        assert store.claim(["a" * 32], new_owner(), 1)[0] == {"a" * 32}


def test_claims_lapse_unless_they_are_renewed(path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(theorycheck.running.store.time, "time", lambda: now[0])
    with open_store(path, "create") as store:
        quiet, busy = new_owner(), new_owner()
        store.claim(["a"], quiet, 1)
        store.claim(["b"], busy, 1)
        now[0] += 0.9 * LEASE_SECONDS
        store.renew(busy)
        assert store.claim(["a", "b"], new_owner(), 9) == (set(), set(), {"a", "b"})
        now[0] += 0.2 * LEASE_SECONDS
        assert store.claim(["a", "b"], new_owner(), 9) == ({"a"}, set(), {"b"})


def test_claims_of_other_machines_wait_for_the_lease(path, monkeypatch):
    with open_store(path, "create") as store:
        monkeypatch.setattr(theorycheck.running.store.platform, "node", lambda: "elsewhere")
        store.claim(["a"], new_owner(), 1)
        monkeypatch.undo()
        monkeypatch.setattr(theorycheck.running.store, "is_alive", lambda pid: False)
        assert store.claim(["a"], new_owner(), 1) == (set(), set(), {"a"})


# --- what is no store, or none any more


def assert_left_alone(path, mode, message, kind=ValueError):
    before = path.read_bytes()
    with pytest.raises(kind, match=message) as refusal:
        open_store(path, mode).close()
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", ["read", "write", "create"])
@pytest.mark.parametrize("content", [b"", b"SQLite format 3", b"kept" * 999], ids=["0", "15", "n"])
def test_file_that_is_no_store_is_left_alone(path, mode, content):
    path.write_bytes(content)
    assert_left_alone(path, mode, "is not a store of runs written by theorycheck")
    assert [one.name for one in path.parent.iterdir()] == ["study.db"]


@pytest.mark.parametrize("mode", ["read", "write", "create"])
def test_database_of_something_else_is_left_alone(path, mode):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (key TEXT)")
    connection.close()
    assert_left_alone(path, mode, "is not a store of runs")


@pytest.mark.parametrize("mode", ["read", "write", "create"])
def test_store_of_a_newer_version_is_left_alone(filled, mode):
    content = bytearray(filled.read_bytes())
    content[60:64] = (2).to_bytes(4, "big")
    filled.write_bytes(content)
    assert_left_alone(filled, mode, "has store version 2, this one reads up to 1")


@pytest.mark.parametrize("mode", ["read", "write", "create"])
@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_truncated_store_is_left_alone(filled, mode, kept):
    content = filled.read_bytes()
    filled.write_bytes(content[: int(kept * len(content))])
    assert_left_alone(filled, mode, "is damaged: database disk image is malformed")


def test_store_with_other_tables_is_left_alone(filled):
    connection = sqlite3.connect(filled)
    connection.execute("DROP INDEX outcomes")
    connection.close()
    assert_left_alone(filled, "read", "its tables are not those of a store")


@pytest.mark.parametrize("column", ["loss", "seed", "status", "reason", "finished", "digest"])
def test_changed_value_is_found(filled, records, column):
    connection = sqlite3.connect(filled)
    key = records[0].key
    connection.execute(f"UPDATE runs SET {column} = 'x' || {column} WHERE key = ?", (key,))
    connection.commit()
    connection.close()
    with open_store(filled) as store:
        assert store.get(records[1].key) == records[1]
        for read in (lambda: store.get(key), store.check, lambda: list(store.records())):
            with pytest.raises(ValueError, match=f"is damaged: run {key} is not what was written"):
                read()


def test_flipped_bit_of_an_array_is_found(filled, records):
    content = bytearray(filled.read_bytes())
    content[content.find(records[0].npz[-200:-100]) + 50] ^= 1
    filled.write_bytes(content)
    with open_store(filled) as store, pytest.raises(ValueError, match="is damaged"):
        store.check()


def test_missing_arrays_are_found(filled, records):
    connection = sqlite3.connect(filled)
    connection.execute("DELETE FROM trajectories")
    connection.commit()
    connection.close()
    with open_store(filled) as store, pytest.raises(ValueError, match="not what was written"):
        store.get(records[0].key)


@pytest.mark.parametrize("mode", ["read", "write"])
def test_store_that_is_not_there_is_an_os_error(path, mode):
    with pytest.raises(FileNotFoundError):
        open_store(path, mode)
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "kind"), [("none/study.db", FileNotFoundError), ("file/study.db", NotADirectoryError)]
)
def test_store_that_cannot_be_made_is_an_os_error(tmp_path, name, kind):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(kind) as refusal:
        open_store(tmp_path / name, "create")
    assert refusal.value.filename == str(tmp_path / name)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_not_waited_for(path):
    os.mkfifo(path)
    with pytest.raises(ValueError, match="is not a file"):
        open_store(path)


def test_folder_is_an_os_error(tmp_path):
    with pytest.raises(IsADirectoryError):
        open_store(tmp_path)


# --- what SQLite meets on its way


@pytest.mark.skipif(os.name != "posix", reason="names a way of locking that Unix has")
def test_file_system_without_wal_is_one_sentence(path, monkeypatch):
    connect = sqlite3.connect

    def without_shared_memory(address, **options):
        options["uri"] = True
        return connect(f"file:{address}?vfs=unix-dotfile", **options)

    monkeypatch.setattr(theorycheck.running.store_file.sqlite3, "connect", without_shared_memory)
    with pytest.raises(OSError, match="WAL mode does not work here, choose a local folder"):
        open_store(path, "create")
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("SQLITE_FULL", errno.ENOSPC, "No space left on device"),
        ("SQLITE_IOERR_WRITE", errno.EIO, "could not be read or written"),
        ("SQLITE_READONLY_DBMOVED", errno.EROFS, "cannot be written to"),
        ("SQLITE_BUSY", errno.EBUSY, "is locked by another process"),
        ("SQLITE_CANTOPEN", errno.ENOTSUP, "WAL mode does not work here"),
    ],
)
def test_error_of_the_disk_is_an_os_error_about_the_file(path, name, number, message):
    error = sqlite3.OperationalError("it")
    error.sqlite_errorname = name
    found = theorycheck.running.store_file._translated(error, path)
    assert isinstance(found, OSError)
    assert (found.errno, found.filename) == (number, str(path))
    assert message in found.strerror


def test_transaction_that_fails_leaves_nothing(filled, records):
    def keys():
        yield "d" * 32
        raise KeyboardInterrupt

    with open_store(filled, "write") as store:
        with pytest.raises(KeyboardInterrupt):
            store.plan(keys())
        assert store.progress().missing == 0
        store.plan(["e" * 32])  # and goes on working
        assert store.progress().missing == 1


def test_transaction_interrupted_before_its_block_is_given_up_by_the_next(filled):
    with open_store(filled, "write") as store:
        interrupted = store._transaction()
        interrupted.__enter__()
        store.plan(["d" * 32])
        assert store.progress().missing == 1
    with open_store(filled) as store:
        assert store.progress().missing == 1


def test_transaction_given_up_after_the_store_is_closed_says_nothing(filled):
    store = open_store(filled, "write")
    interrupted = store._transaction()
    interrupted.__enter__()
    store.close()
    interrupted.gen.close()  # as when it is collected


def test_store_in_use_is_read_as_it_stands(filled, records):
    with open_store(filled, "write") as writer, open_store(filled) as reader:
        assert reader.progress().missing == 0
        writer.plan(["e" * 32])
        assert reader.progress().missing == 1


def test_reader_cannot_write(filled, records):
    with open_store(filled) as store, pytest.raises(OSError, match="cannot be written to"):
        store.plan(["e" * 32])


def test_killed_writer_loses_nothing_it_finished(path, records):
    code = (
        "import os, signal, sys, pickle; from theorycheck.running.store import open_store\n"
        f"store = open_store({str(path)!r}, 'create')\n"
        "for record in pickle.load(sys.stdin.buffer): store.add(record)\n"
        "os._exit(9)"  # no close, no checkpoint
    )
    subprocess.run([sys.executable, "-c", code], input=pickle.dumps(records))
    assert path.with_name("study.db-wal").stat().st_size > 0
    for mode in ("read", "write"):
        with open_store(path, mode) as store:
            assert store.check() == len(records)
    assert [one.name for one in path.parent.iterdir()] == ["study.db"]


def test_many_processes_may_make_the_same_store(path):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(open_store(path, "create").close()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert [one.name for one in path.parent.iterdir()] == ["study.db"]


def test_store_that_appears_meanwhile_is_kept(path, monkeypatch, records):
    enter = theorycheck.running.store_file._enter_wal_mode

    def be_overtaken(*arguments):
        monkeypatch.undo()
        with open_store(path, "create") as faster:
            faster.add(records[0])
        enter(*arguments)

    monkeypatch.setattr(theorycheck.running.store_file, "_enter_wal_mode", be_overtaken)
    with open_store(path, "create") as store:
        assert store.get(records[0].key) == records[0]


def test_file_system_without_links_will_do(path, monkeypatch, records):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(theorycheck.running.store_file.os, "link", refuse)
    with open_store(path, "create") as store:
        assert store.add(records[0])
    assert [one.name for one in path.parent.iterdir()] == ["study.db"]


def test_store_is_one_file_that_may_be_copied(filled, tmp_path, records):
    shutil.copy(filled, tmp_path / "copy ?#%.db")
    with open_store(tmp_path / "copy ?#%.db") as store:
        assert store.check() == len(records)


def test_schema_that_is_no_text_is_one_sentence(path):
    open_store(path, "create").close()
    content = bytearray(path.read_bytes())
    content[content.find(b"CREATE TABLE runs") + 2] ^= 0x80  # SQLite quotes it in its message
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match="is damaged: its schema is no text"):
        open_store(path, "read")
