"""How far a store is, in one screen."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from theorycheck.running.claims import LEASE_SECONDS, is_alive
from theorycheck.running.progress import Progress
from theorycheck.running.spec import KEY_LETTERS
from theorycheck.running.store_file import ADDED_TABLES, connect, plain_errors, selected
from theorycheck.running.stored_run import COLUMNS, COMMON_COLUMNS, SPEC_COLUMNS, StoredRun, named

MOST_REASONS = 8
SHORTEST_ID = 4
LETTERS = frozenset("0123456789abcdef")  # of keys
ORDER = ", ".join((*SPEC_COLUMNS, "key"))


def open_store(path: str | Path, mode: str = "read") -> Store:
    """Open a store.

    Parameters
    ----------
    path : str or Path
        The file.
    mode : {"read", "write", "create"}, default "read"
        "create" makes the file where there is none; "read" changes nothing in it.

    Returns
    -------
    Store
        To be closed, or used in a ``with``.

    Raises
    ------
    ValueError
        If the file is no store, is damaged, or was written by a newer version. It is left alone.
    OSError
        If the file cannot be read or written, or lies where SQLite's WAL mode does not work.
    """
    return Store(Path(path), connect(Path(path), mode))


class Store:
    """An open store; made by :func:`open_store`. One process writes runs through each.

    Parameters
    ----------
    path : Path
        The file.
    connection : sqlite3.Connection
        An open connection to it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._connection = path, connection

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the store; the last one to do so folds the write-ahead log into the file."""
        self._connection.close()

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with plain_errors(self.path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Do everything inside, or nothing."""
        with plain_errors(self.path):
            try:
                self._roll_back()  # what an interrupt left open between BEGIN and the block
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.ProgrammingError):  # closed before such a block was given up
                    self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite ends some by itself
            self._connection.execute("ROLLBACK")

    def add(self, record: StoredRun) -> bool:
        """Store a run, and give up the claim to it, in one transaction."""
        names = ["key", *COMMON_COLUMNS, "digest"]
        row = [record.key, *(record.values[name] for name in COMMON_COLUMNS), record.digest]
        insert = f"INSERT OR IGNORE INTO runs ({', '.join(names)}) VALUES ({_marks(names)})"
        with self._transaction() as connection:
            added = connection.execute(insert, row).rowcount == 1
            if added and record.siblings:
                self._add_siblings(connection, record)
            if added and record.npz is not None:
                values = (record.key, record.npz)
                connection.execute("INSERT OR REPLACE INTO trajectories VALUES (?, ?)", values)
            connection.execute("DELETE FROM claims WHERE key = ?", (record.key,))
        return added

    def _add_siblings(self, connection: sqlite3.Connection, record: StoredRun) -> None:
        if not self._has("siblings"):
            connection.execute(ADDED_TABLES["siblings"])
        rows = [(record.key, name, value) for name, value in record.siblings.items()]
        # a run that had failed left the same: its key is made of them
        connection.executemany("INSERT OR IGNORE INTO siblings VALUES (?, ?, ?)", rows)

    def _select(self, names: Iterable[str]) -> str:
        """Return what to select for columns of runs, by their names."""
        return selected(names, self._has("siblings"))

    def get(self, key: str) -> StoredRun | None:
        """Return the run with a key, or None."""
        names = f"runs.key, {self._select(COLUMNS)}, digest, npz"
        rows = self._all(
            f"SELECT {names} FROM runs LEFT JOIN trajectories USING (key) WHERE runs.key = ?",
            (key,),
        )
        for found, *columns, digest, npz in rows:
            record = StoredRun(found, named(COLUMNS, columns), npz)
            if not _is_intact(record, digest):
                raise ValueError(f"{self.path} is damaged: run {key} is not what was written")
            return record
        return None

    def find(self, start: str) -> StoredRun:
        """Return the one run whose key starts with some letters."""
        wanted = start.lower()
        if len(wanted) < SHORTEST_ID or not LETTERS.issuperset(wanted):
            raise ValueError(f"ID must be {SHORTEST_ID} or more letters of a key, got {start!r}")
        keys = self._all("SELECT key FROM runs WHERE key >= ? AND key < ?", (wanted, wanted + "g"))
        if len(keys) != 1:
            count = "no run" if not keys else f"{len(keys)} runs"
            raise ValueError(f"{count} of {self.path} start with {start!r}")
        found = self.get(keys[0][0])
        if found is None:  # the index and the table disagree
            raise ValueError(f"{self.path} is damaged: run {keys[0][0]} cannot be read")
        return found

    def records(self) -> Iterator[StoredRun]:
        """Yield every run in one canonical order, whatever order they were made in."""
        runs = f"(SELECT key, {self._select(SPEC_COLUMNS)} FROM runs)"
        for (key,) in self._all(f"SELECT key FROM {runs} ORDER BY {ORDER}"):
            if (record := self.get(key)) is not None:  # or a sweep has dropped it to retry it
                yield record

    def check(self) -> int:
        """Read everything and return how many runs there are."""
        (found,), *_ = self._all("PRAGMA integrity_check(1)")
        if found != "ok":
            raise ValueError(f"{self.path} is damaged: {found}")
        return sum(1 for _ in self.records())

    def plan(self, keys: Iterable[str]) -> None:
        """Remember that these runs were asked for."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO plan VALUES (?)", ((k,) for k in keys))

    def progress(self) -> Progress:
        """Return how many runs are done, failed and missing."""
        counts = dict(self._all("SELECT outcome, count(*) FROM runs GROUP BY outcome"))
        ((missing,),) = self._all(
            "SELECT count(*) FROM plan WHERE NOT EXISTS (SELECT 1 FROM runs WHERE key = plan.key)"
        )
        return Progress(counts.get("done", 0), counts.get("failed", 0), missing)

    def failures(self) -> list[tuple[str, int, str]]:
        """Return each reason of failed runs, how many gave it, and the key of one of them."""
        return self._all(
            "SELECT reason, count(*), min(key) FROM runs WHERE outcome = 'failed' "
            "GROUP BY reason ORDER BY count(*) DESC, reason"
        )

    def outcomes(self) -> dict[str, tuple[str, bool]]:
        """Return every run's outcome, and whether it has results: one that raised has none."""
        rows = self._all("SELECT key, outcome, status IS NOT NULL FROM runs")
        return {key: (outcome, bool(results)) for key, outcome, results in rows}

    def versions(self) -> list[str]:
        """Return, as JSON, every set of versions that runs were made with."""
        return [one for (one,) in self._all("SELECT DISTINCT versions FROM runs ORDER BY versions")]

    def settings(self) -> list[dict[str, Any]]:
        """Return each combination of columns that say what was run, apart from the seed."""
        names = [name for name in SPEC_COLUMNS if name != "seed"]
        order = ", ".join(names)
        rows = self._all(f"SELECT DISTINCT {self._select(names)} FROM runs ORDER BY {order}")
        return [named(names, row) for row in rows]

    def asked(self) -> set[str]:
        """Return the key of every run that was ever asked for."""
        return {key for (key,) in self._all("SELECT key FROM plan")}

    def keys(self) -> set[str]:
        """Return the key of every run in the store, done or failed."""
        return {key for (key,) in self._all("SELECT key FROM runs")}

    def forget_failed(self, keys: Iterable[str], *, without_results: bool = False) -> None:
        """Drop the failed ones among these runs, so that they are made again."""
        drop = "DELETE FROM runs WHERE key = ? AND outcome = 'failed'"
        if without_results:
            drop += " AND status IS NULL"
        with self._transaction() as connection:
            for key in keys:
                if connection.execute(drop, (key,)).rowcount:
                    connection.execute("DELETE FROM trajectories WHERE key = ?", (key,))

    def remember_check(self, command: str, options: str) -> None:
        """Remember what `verify` was asked for, in place of what it was asked before."""
        with self._transaction() as connection:
            if not self._has("checks"):
                connection.execute(ADDED_TABLES["checks"])
            connection.execute("DELETE FROM checks")
            connection.execute("INSERT INTO checks VALUES (?, ?)", (command, options))

    def last_check(self) -> tuple[str, str] | None:
        """Return command and options of the last `verify`; None where only sweeps were made."""
        if not self._has("checks"):
            return None
        return next(iter(self._all("SELECT command, options FROM checks")), None)

    def _has(self, table: str) -> bool:
        return bool(self._all("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)))

    def claim(
        self, keys: Iterable[str], owner: str, most: int
    ) -> tuple[set[str], set[str], set[str]]:
        """Claim runs that nobody has made and nobody else is making."""
        claimed: set[str] = set()
        there: set[str] = set()
        elsewhere: set[str] = set()
        about = (owner, platform.node(), os.getpid(), time.time())
        claim = "INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?, ?)"
        with self._transaction() as connection:
            self._drop_stale_claims(connection)
            for key in keys:
                if connection.execute("SELECT 1 FROM runs WHERE key = ?", (key,)).fetchone():
                    there.add(key)
                elif connection.execute(claim, (key, *about)).rowcount:
                    claimed.add(key)
                else:
                    elsewhere.add(key)
                if len(claimed) == most:
                    break
        return claimed, there, elsewhere

    def _drop_stale_claims(self, connection: sqlite3.Connection) -> None:
        owners = connection.execute(
            "SELECT owner, host, pid, max(renewed) FROM claims GROUP BY owner"
        )
        for owner, host, pid, renewed in owners.fetchall():
            lapsed = abs(time.time() - renewed) > LEASE_SECONDS
            if lapsed or (host == platform.node() and not is_alive(pid)):
                connection.execute("DELETE FROM claims WHERE owner = ?", (owner,))

    def renew(self, owner: str) -> None:
        """Tell everyone that the owner is at work on what it claimed."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE claims SET renewed = ? WHERE owner = ?", (time.time(), owner)
            )

    def release(self, owner: str) -> None:
        """Give up whatever the owner has claimed and not stored."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM claims WHERE owner = ?", (owner,))


def _is_intact(record: StoredRun, digest: str) -> bool:
    try:
        # a key becomes the name of a file: no other text passes for one, whatever its digest says
        named = len(record.key) == KEY_LETTERS and LETTERS.issuperset(record.key)
        return named and record.digest == digest
    except (TypeError, ValueError):  # a flipped byte turned a value into another kind
        return False


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))
