"""Whatever happens to what is printed, the command goes on."""

import errno
import io
import os
import sys

import pytest

from theorycheck import printing
from theorycheck.printing import complain, in_one_line, lasting_streams, tell


class Broken(io.BytesIO):
    """Takes so many bytes, and then nothing."""

    def __init__(self, room, number):
        super().__init__()
        self.room, self.number = room, number

    def write(self, data):
        if self.tell() + len(data) > self.room:
            raise OSError(self.number, "broken")
        return super().write(data)


class OneByteAtATime(io.BytesIO):
    def write(self, data):
        return super().write(data[:1])


@pytest.fixture
def streams(monkeypatch):
    """Put streams in the place of standard output and error."""

    def put(out, err=None, encoding="utf-8"):
        err = io.BytesIO() if err is None else err
        for name, stream in (("stdout", out), ("stderr", err)):
            text = stream and io.TextIOWrapper(stream, encoding=encoding)
            monkeypatch.setattr(sys, name, text)
        return err

    return put


def told(stream):
    return stream.getvalue().decode()


def test_lines_are_printed_in_order(capsys):
    tell(["a", "b"], "kept in a file")
    complain("bad", "mend it")
    assert capsys.readouterr() == ("a\nb\n", "theorycheck: bad; mend it\n")


def test_complaint_is_one_line(capsys):
    complain("first\nsecond\t third")
    assert capsys.readouterr().err == "theorycheck: first second third\n"


def test_what_no_reader_wants_is_dropped(streams):
    out = Broken(6, errno.EPIPE)
    err = streams(out)
    with lasting_streams():
        tell(["first", "second", "third"], "kept")
        print("more")
    assert (told(out), told(err)) == ("first\n", "")


def test_nobody_reads_the_complaints_either(streams):
    out = io.BytesIO()
    streams(out, Broken(0, errno.EPIPE))
    with lasting_streams():
        complain("bad")
        print("goes on")
    assert told(out) == "goes on\n"


def test_complaint_that_cannot_be_written_is_no_failure(streams):
    streams(io.BytesIO(), Broken(0, errno.ENOSPC))
    with lasting_streams():
        complain("bad")


def test_full_disk_is_one_line_that_says_where_the_results_are(streams):
    err = streams(Broken(3, errno.ENOSPC))
    with lasting_streams():
        tell(["first", "second"], "it is in a file")
    assert told(err) == (
        f"theorycheck: what was found could not be printed: OSError: [Errno {errno.ENOSPC}] broken;"
        " it is in a file\n"
    )


def test_failure_to_write_a_line_is_one_line(capsys):
    def lines():
        yield "first"
        raise ZeroDivisionError("a number\nthat has no text")

    tell(lines())
    out, err = capsys.readouterr()
    assert out == "first\n"
    assert err.endswith("could not be printed: ZeroDivisionError: a number that has no text\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letter_that_a_terminal_lacks_is_escaped(encoding, streams):
    out = io.BytesIO()
    err = streams(out, encoding=encoding)
    with lasting_streams():
        tell(["σ ≤ 1 \udcff"])
        complain("σ")
    assert (told(out), told(err)) == (
        "\\u03c3 \\u2264 1 \\udcff\n",
        "theorycheck: \\u03c3\n",
    )


def test_bytes_that_are_taken_one_by_one_are_all_written(streams):
    out = OneByteAtATime()
    streams(out)
    with lasting_streams():
        tell(["all of it"])
    assert told(out) == "all of it\n"


def test_closed_streams_are_no_failure(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    complain("before")
    with lasting_streams():
        assert not sys.stderr.isatty()
        tell(["a"])
        complain("b")
    assert (sys.stdout, sys.stderr) == (None, None)


def test_streams_are_put_back_and_what_was_printed_before_comes_first(streams):
    out = io.BytesIO()
    streams(out)
    before = sys.stdout
    print("before")

    @lasting_streams()
    def fail():
        print("within")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    print("after", flush=True)
    assert sys.stdout is before
    assert told(out) == "before\nwithin\nafter\n"


def test_error_is_named_in_one_short_line():
    assert in_one_line(KeyError("x")) == "KeyError: 'x'"
    line = in_one_line(RuntimeError("tex failed\n" * 100))
    assert line.startswith("RuntimeError: tex failed tex failed")
    assert line.endswith(" ...")
    assert len(line) <= 200


# how wide a line may be, and whether it has colours


@pytest.mark.parametrize(
    ("told", "width"), [("80", 80), ("37", 37), ("0", 100), ("many", 100), ("-5", 100), (None, 100)]
)
def test_lines_are_as_wide_as_columns_says_or_as_in_a_file(told, width, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    if told is not None:
        monkeypatch.setenv("COLUMNS", told)
    monkeypatch.setattr("sys.__stdout__", io.StringIO())  # which is no terminal
    assert printing.columns() == width


def test_lines_are_as_wide_as_the_terminal(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((123, 40)))
    assert printing.columns() == 123


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "surroundings", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(stream, surroundings, coloured, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert printing.has_colours(stream) is coloured
