"""Write a store out: a table of numbers, and one file a run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from theorycheck.files import write_whole
from theorycheck.running.store import Store
from theorycheck.running.stored_run import RESULT_COLUMNS, SPEC_COLUMNS, StoredRun

TABLE_COLUMNS = ("key", *SPEC_COLUMNS, *RESULT_COLUMNS)


def export(store: Store, folder: str | Path) -> int:
    """Write ``runs.csv`` and, for every run with a trajectory, ``runs/KEY.npz``.

    Equal results give equal bytes: runs are in one canonical order and nothing says when, where or
    how fast they were made.
    """
    folder = Path(folder)
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(TABLE_COLUMNS)
    count = 0
    for record in store.records():
        if record.npz is not None:
            write_whole(folder / "runs" / f"{record.key}.npz", record.npz)
        table.writerow(_row(record))
        count += 1
    write_whole(folder / "runs.csv", text.getvalue().encode())
    return count


def _row(record: StoredRun) -> list[str]:
    values = [record.key, *(record.values[name] for name in TABLE_COLUMNS[1:])]
    return ["" if one is None else repr(one) if isinstance(one, float) else str(one)
            for one in values]  # fmt: skip
