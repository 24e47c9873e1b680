"""What surrounds a command costs no verdict: settings of matplotlib, a reader that goes, a disk."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# -P keeps the folder the command runs in out of the interpreter's path.
COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
CHECK = ["verify", "over-pruning", "--d", "300,400,500", "--n", "3", "--m", "3", "--seeds", "2",
         "--epsilon", "0.5", "--workers", "1", "--store", "runs.db"]  # fmt: skip
FILES = {
    "index.html",
    "over-pruning-trajectory.png",
    "over-pruning-trajectory.svg",
    "verdicts.json",
}
WILD = """
backend: tkagg
text.usetex: True
font.family: no such font
font.size: 30
figure.figsize: 20, 20
savefig.format: pdf
lines.linewidth: many
no.such.key: 3
"""


def start(folder, environment, **options):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MPL", "MAT"))
    }
    return subprocess.Popen(
        [*COMMAND, *CHECK],
        cwd=folder,
        env=kept | environment,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "theorycheck-report").iterdir()}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A folder with the runs of a check and its report, made where nothing is in the way."""
    folder = tmp_path_factory.mktemp("plain")
    process = start(folder, {})
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert set(contents(folder)) == FILES
    assert contents(folder)["index.html"].count(b"<svg") > 1
    return folder, stdout


@pytest.fixture
def folder(checked, tmp_path):
    """A folder with the same runs."""
    shutil.copy(checked[0] / "runs.db", tmp_path)
    return tmp_path


def unknown_backend(folder):
    """Neither a backend that there is, nor a home or display."""
    nowhere = str(folder / "runs.db" / "x")
    places = ("HOME", "MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    return {"MPLBACKEND": "nonsense", "DISPLAY": "", **dict.fromkeys(places, nowhere)}


def wild_settings(folder):
    """A matplotlibrc that wants LaTeX, a window and fonts that are missing, and is partly wrong."""
    styles = folder / "settings" / "stylelib"
    styles.mkdir(parents=True)
    (styles / "mine.mplstyle").write_bytes(b"\xff\xfe")
    (styles.parent / "matplotlibrc").write_text(WILD, encoding="utf-8")
    return {"MPLCONFIGDIR": str(styles.parent), "MPLBACKEND": "tkagg"}


def unreadable_settings(folder):
    """A matplotlibrc beside the runs that is no text."""
    (folder / "matplotlibrc").write_bytes(b"font.size: 30\n\xff\xfe\n")
    return {}


@pytest.mark.parametrize("surround", [unknown_backend, wild_settings, unreadable_settings])
def test_settings_change_no_byte_of_a_report(surround, checked, folder):
    process = start(folder, surround(folder))
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert stdout == checked[1]
    assert contents(folder) == contents(checked[0])


def test_reader_that_has_gone_costs_nothing(checked, folder):
    reader, writer = os.pipe()
    os.close(reader)
    process = start(folder, {}, stdout=writer)
    os.close(writer)
    assert (process.communicate()[1], process.returncode) == (b"", 0)
    assert contents(folder) == contents(checked[0])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a file that is always full")
def test_full_disk_behind_the_text_costs_nothing(checked, folder):
    with open("/dev/full", "wb") as full:
        process = start(folder, {}, stdout=full)
    (line,) = process.communicate()[1].decode().splitlines()
    assert line.startswith("theorycheck: what was found could not be printed: OSError: ")
    assert line.endswith("; it is in theorycheck-report/verdicts.json")
    assert process.returncode == 0
    assert contents(folder) == contents(checked[0])


@pytest.mark.parametrize("words", [["--help"], ["verify", "--help"], ["list"]], ids=" ".join)
def test_reader_that_has_gone_refutes_nothing(words):
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen([*COMMAND, *words], stdout=writer, stderr=subprocess.STDOUT)
    os.close(writer)
    assert process.wait() == 0
