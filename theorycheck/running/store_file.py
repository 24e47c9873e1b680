"""The file of a store: made whole, recognized, opened in WAL mode, its errors in one sentence."""

from __future__ import annotations

import errno
import os
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from theorycheck.running.stored_run import COMMON_COLUMNS, SIBLING_COLUMNS

STORE_VERSION = 1
APPLICATION_ID = 0x7468_6368  # "thch", where SQLite keeps whose file this is
MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
BUSY_SECONDS = 30.0  # wait so long for another process's transaction, which takes milliseconds
TABLES = {
    "runs": "CREATE TABLE runs (key TEXT PRIMARY KEY, "
    + ", ".join(f"{name} {kind}" for name, kind in COMMON_COLUMNS.items())
    + ", digest TEXT NOT NULL)",
    "outcomes": "CREATE INDEX outcomes ON runs (outcome, key)",
    "trajectories": "CREATE TABLE trajectories (key TEXT PRIMARY KEY, npz BLOB NOT NULL)",
    "plan": "CREATE TABLE plan (key TEXT PRIMARY KEY) WITHOUT ROWID",
    "claims": "CREATE TABLE claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, "
    "pid INTEGER NOT NULL, renewed REAL NOT NULL)",
}


# made when it is first needed
ADDED_TABLES = {
    "checks": "CREATE TABLE checks (command TEXT NOT NULL, options TEXT NOT NULL)",
    "siblings": "CREATE TABLE siblings (key TEXT, name TEXT, value NOT NULL, "
    "PRIMARY KEY (key, name)) WITHOUT ROWID",
}


SIBLING = "(SELECT value FROM siblings WHERE siblings.key = runs.key AND name = '{0}') AS {0}"


def selected(names: Iterable[str], siblings: bool) -> str:
    """Return what to select from `runs` for columns; told whether any run has some kept apart."""
    apart = SIBLING if siblings else "NULL AS {0}"
    return ", ".join(apart.format(name) if name in SIBLING_COLUMNS else name for name in names)


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file of a store.

    In autocommit mode; with a write-ahead log unless it only reads.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ValueError(f"{path} is not a file")  # a pipe would be waited for
    if mode == "create" and not path.exists():
        _create(path)
    _check_header(path)
    with plain_errors(path):
        connection = _open(path, "ro" if mode == "read" else "rw")
        try:
            _check_tables(connection, path)
            if mode != "read":
                _enter_wal_mode(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    wal = path.with_name(path.name + "-wal")
    if mode == "ro" and not wal.exists() and not os.access(path.parent, os.W_OK):
        address += "&immutable=1"  # WAL mode would make files beside it; nobody can be writing
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def _create(path: Path) -> None:
    """Make an empty store that appears whole, or not at all where another process was faster."""
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        partial.touch()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with plain_errors(path):
            connection = sqlite3.connect(partial, isolation_level=None)
            try:
                for statement in TABLES.values():
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {STORE_VERSION}")
                _enter_wal_mode(connection, path)
            finally:
                connection.close()
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _enter_wal_mode(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if found != "wal":
        raise _wal_fails(path)
    connection.execute("PRAGMA synchronous = NORMAL")


def _wal_fails(path: Path) -> OSError:
    return OSError(
        errno.ENOTSUP, "SQLite's WAL mode does not work here, choose a local folder", str(path)
    )


def is_database(path: Path) -> bool:
    """Tell whether a file is one of SQLite, a store or not."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _check_header(path: Path) -> None:
    """Refuse, before SQLite sees it, a file that says it is no store."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    if header[: len(MAGIC)] != MAGIC or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise ValueError(f"{path} is not a store of runs written by theorycheck")
    version = int.from_bytes(header[60:64], "big")
    if version > STORE_VERSION:
        raise ValueError(
            f"{path} has store version {version}, this one reads up to {STORE_VERSION}"
        )


def _check_tables(connection: sqlite3.Connection, path: Path) -> None:
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    if not TABLES.items() <= found.items() <= (TABLES | ADDED_TABLES).items():
        raise ValueError(f"{path} is damaged: its tables are not those of a store")


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn every error of SQLite into one sentence about the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error
    except UnicodeDecodeError as error:  # what SQLite quotes of a damaged schema may be no text
        raise ValueError(f"{path} is damaged: its schema is no text") from error


def _translated(error: sqlite3.Error, path: Path) -> Exception:
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        text = "No space left on device; what was stored before is safe"
        return OSError(errno.ENOSPC, text, str(path))
    if name.startswith("SQLITE_READONLY"):
        return OSError(errno.EROFS, "cannot be written to", str(path))
    if name.startswith("SQLITE_CANTOPEN") or name.startswith("SQLITE_PROTOCOL"):
        return _wal_fails(path)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return OSError(errno.EBUSY, "is locked by another process", str(path))
    if name.startswith("SQLITE_IOERR"):
        text = "the disk could not be read or written; what was stored before is safe"
        return OSError(errno.EIO, text, str(path))
    return ValueError(f"{path} is damaged: {error}")
