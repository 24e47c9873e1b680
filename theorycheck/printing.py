"""Printing that costs nothing else: no reader, no room, no sign for a letter ends a command."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

REDIRECTED = 100  # letters in a line of a file


class Outlet(io.BufferedIOBase):
    """The bytes of a standard stream; what nobody reads any more is dropped."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.name = getattr(stream, "name", "")

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._stream.fileno()

    def write(self, data: Any) -> int:
        """Write all of it at once, so that nothing is left to fail when the process ends."""
        done = 0
        with suppress(BrokenPipeError):
            while done < len(data):
                done += self._stream.write(data[done:]) or 0
        return len(data)


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Let standard output and error outlive their readers, and escape what they cannot encode."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_lasting, before)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        sys.stdout, sys.stderr = before


def _lasting(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed by whoever started the command
        return io.StringIO()
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    with suppress(OSError):
        stream.flush()
    outlet = Outlet(getattr(stream.buffer, "raw", stream.buffer))
    return io.TextIOWrapper(
        outlet,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def columns() -> int:
    """Return how wide a line may be: as COLUMNS says, or the terminal, or as in a file."""
    return shutil.get_terminal_size((REDIRECTED, 24)).columns


def has_colours(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that shows colours, and nobody has asked it not to."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def tell(lines: Iterable[str], kept: str = "") -> None:
    """Print lines; where that fails, say so and where they are kept: it is no failure of theirs."""
    if error := unprinted(lines):
        complain_unprinted(error, kept)


def unprinted(lines: Iterable[str]) -> Exception | None:
    """Print lines; return what kept them from being printed, if anything did."""
    try:
        for line in lines:
            print(line, flush=True)
    except Exception as error:
        return error
    return None


def complain_unprinted(error: Exception, kept: str) -> None:
    """Say that what was found could not be printed, and where it is kept."""
    complain(f"what was found could not be printed: {in_one_line(error)}", kept)


def complain(problem: str, remedy: str = "") -> None:
    """Write one line on standard error; where even that fails, none."""
    line = " ".join("; ".join(part for part in (problem, remedy) if part).split())
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(f"theorycheck: {line}", file=sys.stderr, flush=True)


def in_one_line(error: BaseException) -> str:
    """Name an error and what it says, shortened to what a line may hold."""
    return textwrap.shorten(f"{type(error).__name__}: {error}", 200, placeholder=" ...")


def listed(names: Sequence[str]) -> str:
    """Write names as a sentence does."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
