"""What surrounds a command costs no verdict: settings of matplotlib, a reader that goes, a disk."""

import json
import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# -P keeps the folder the command runs in out of the interpreter's path.
COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
CHECK = ["verify", "over-pruning", "--d", "300,500", "--n", "3", "--m", "3", "--seeds", "1",
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


def nothing_usable(folder):
    """A backend that there is not, no home or display, and a matplotlibrc that is no text."""
    (folder / "matplotlibrc").write_bytes(b"font.size: 30\n\xff\xfe\n")
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


@pytest.mark.parametrize("surround", [nothing_usable, wild_settings])
def test_settings_change_no_byte_of_a_report(surround, checked, folder):
    process = start(folder, surround(folder))
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, b"")
    assert stdout == checked[1]
    assert contents(folder) == contents(checked[0])


def check_own(folder, stdout):
    """Check a theorem of one claim; return what it says on standard error."""
    words = ["verify", "own.py", "--seeds", "1", "--epsilon", "0.5", "--workers", "1"]
    process = start(folder, {}, words, stdout=stdout)
    stderr = process.communicate()[1].decode()
    assert process.returncode == 0
    written = contents(folder)
    assert set(written) == {"index.html", "verdicts.json"}
    assert written["index.html"].rstrip().endswith(b"</html>")
    (verdict,) = json.loads(written["verdicts.json"])["verdicts"]
    assert verdict["outcome"] == "undecided"
    return stderr


@pytest.fixture
def gone():
    """A pipe without a reader."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_reader_that_has_gone_costs_nothing(tmp_path, write_theorem, gone):
    write_theorem(tmp_path)
    assert check_own(tmp_path, gone) == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a file that is always full")
def test_full_disk_behind_the_text_costs_nothing(tmp_path, write_theorem):
    write_theorem(tmp_path)
    with open("/dev/full", "wb") as full:
        (line,) = check_own(tmp_path, full).splitlines()
    assert line.startswith("theorycheck: what was found could not be printed: OSError: ")
    assert line.endswith("; it is in theorycheck-report/verdicts.json")


@pytest.mark.parametrize("words", ["--help", "verify --help", "list", "cite all"])
def test_reader_that_has_gone_refutes_nothing(words, tmp_path, gone):
    process = start(tmp_path, {}, words.split(), stdout=gone)
    assert (process.communicate()[1], process.returncode) == (b"", 0)
