"""What is written: JSON without NaN, files that appear whole, directories that can be written."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


FORMAT_VERSION = 1
# A list of numbers or words in indented JSON. No string matches: its line breaks are escaped.
PLAIN_LIST = re.compile(r'\[\n(?:[^\[\]{}"]|"[\w-]*")*\n *\]')


def without_gaps(value: Any) -> Any:
    """Return plain data with null in place of every number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: without_gaps(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_gaps(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_json(content: dict[str, Any]) -> str:
    """Return the text of ``verdicts.json``."""
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    return PLAIN_LIST.sub(lambda found: f"[{' '.join(found[0][1:-1].split())}]", text)


def check_writable(path: Path) -> None:
    """Raise an OSError now where a file could not be written later."""
    if path.is_dir():
        raise IsADirectoryError(21, "is a directory, not a file to write", str(path))
    probe = path.with_name(path.name + ".partial")
    try:
        probe.touch()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    probe.unlink()


@contextmanager
def output_directory(out: Path, name: str) -> Iterator[None]:
    """Make a directory that a file can be written to; take it back if what follows fails."""
    made = [path for path in (out, *out.parents) if not path.exists()]
    out.mkdir(parents=True, exist_ok=True)
    try:
        check_writable(out / name)
        yield
    except BaseException:
        for path in made:
            if not any(path.iterdir()):
                path.rmdir()
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it appears whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
