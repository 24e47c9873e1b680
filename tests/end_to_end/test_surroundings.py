"""What surrounds a command costs no verdict: settings of matplotlib, a reader that goes, a disk."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# -P keeps the folder the command runs in out of the interpreter's path.
COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
CHECK = ["verify", "own.py", "--seeds", "1", "--epsilon", "0.5", "--workers", "1"]
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


def start(folder, environment, words=CHECK, **options):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MPL", "MAT"))
    }
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=kept | environment,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "theorycheck-report").iterdir()}


@pytest.fixture
def folder(tmp_path, write_theorem):
    write_theorem(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def checked(tmp_path_factory, write_theorem):
    """What a check prints, and its report, made where nothing is in the way."""
    folder = tmp_path_factory.mktemp("plain")
    write_theorem(folder)
    process = start(folder, {})
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert set(contents(folder)) == {"index.html", "verdicts.json"}
    assert contents(folder)["index.html"].count(b"<svg viewBox") == 1
    return stdout, contents(folder)


def nothing_usable(folder):
    """A backend that there is not, no home or display, and a matplotlibrc that is no text."""
    (folder / "matplotlibrc").write_bytes(b"font.size: 30\n\xff\xfe\n")
    nowhere = str(folder / "own.py" / "x")
    places = ("HOME", "MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    return {"MPLBACKEND": "nonsense", "DISPLAY": "", **dict.fromkeys(places, nowhere)}


def wild_settings(folder):
    """A matplotlibrc that wants LaTeX, a window and fonts that are missing, and is partly wrong."""
    styles = folder / "settings" / "stylelib"
    styles.mkdir(parents=True)
    (styles / "mine.mplstyle").write_bytes(b"\xff\xfe")
    (styles.parent / "matplotlibrc").write_text(WILD, encoding="utf-8")
    return {"MPLCONFIGDIR": str(styles.parent), "MPLBACKEND": "tkagg"}


@pytest.mark.parametrize("surround", [nothing_usable, wild_settings])
def test_settings_change_no_byte_of_a_report(surround, checked, folder):
    process = start(folder, surround(folder))
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert (stdout, contents(folder)) == checked


@pytest.fixture
def gone():
    """A pipe without a reader."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_reader_that_has_gone_costs_nothing(checked, folder, gone):
    process = start(folder, {}, stdout=gone)
    assert (process.communicate()[1], process.returncode) == (b"", 0)
    assert contents(folder) == checked[1]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a file that is always full")
def test_full_disk_behind_the_text_costs_nothing(checked, folder):
    with open("/dev/full", "wb") as full:
        process = start(folder, {}, stdout=full)
    (line,) = process.communicate()[1].decode().splitlines()
    assert line.startswith("theorycheck: what was found could not be printed: OSError: ")
    assert line.endswith("; it is in theorycheck-report/verdicts.json")
    assert process.returncode == 0
    assert contents(folder) == checked[1]


@pytest.mark.parametrize("words", ["--help", "verify --help", "list", "cite all"])
def test_reader_that_has_gone_refutes_nothing(words, tmp_path, gone):
    process = start(tmp_path, {}, words.split(), stdout=gone)
    assert (process.communicate()[1], process.returncode) == (b"", 0)
