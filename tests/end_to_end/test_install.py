"""What is tested is what `pip install` put in place, and it is all there."""

import configparser
import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("bounds", "sims", "theorycheck")


@pytest.fixture(scope="module")
def distribution():
    return metadata.distribution("theorycheck")


@pytest.fixture(scope="module")
def installed(distribution):
    """Path -> installed file, for all the wheel held; pip lists them in RECORD."""
    return {file.as_posix(): Path(file.locate()) for file in distribution.files}


def files_below(package):
    return {
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_tested_package_is_the_installed_one(package, installed):
    module_file = Path(importlib.import_module(package).__file__).resolve()
    # An __init__.py in tests/bounds would make pytest take that folder for `bounds`.
    assert module_file == installed[f"{package}/__init__.py"].resolve()
    assert not module_file.is_relative_to(CHECKOUT / package)


@pytest.mark.parametrize("package", PACKAGES)
def test_installed_files_are_those_of_the_checkout(package, installed):
    shipped = {name for name in installed if name.startswith(f"{package}/")}
    shipped = {name for name in shipped if "__pycache__" not in name}
    assert shipped == files_below(package), "install again; remove build/ if a file stays too many"


@pytest.mark.parametrize("package", PACKAGES)
def test_installed_files_are_up_to_date(package, installed):
    names = files_below(package) & installed.keys()
    stale = [n for n in names if installed[n].read_bytes() != (CHECKOUT / n).read_bytes()]
    assert not stale, "the checkout has changed since the last pip install"


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_holds_type_marker(package, installed):
    assert f"{package}/py.typed" in installed


def test_wheel_holds_only_the_packages(installed):
    tops = {name.split("/")[0] for name in installed if not name.startswith("..")}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_setup_cfg_names_every_package():
    never_packaged = {"benchmarks", "evidence"}  # run from the checkout
    folders = {
        top.parent
        for top in CHECKOUT.glob("*/__init__.py")
        if top.parent.name not in never_packaged
    }
    found = {
        ".".join(init.parent.relative_to(CHECKOUT).parts)
        for folder in folders
        for init in folder.rglob("__init__.py")
    }
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    assert set(config["options"]["packages"].split()) == found


def test_command_is_installed(distribution):
    (command,) = distribution.entry_points.select(group="console_scripts")
    assert (command.name, command.value) == ("theorycheck", "theorycheck.cli:main")
    assert callable(command.load())


def test_citation_has_installed_version(distribution):
    citation = (CHECKOUT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {distribution.version}\n" in citation


@pytest.mark.parametrize("slow_module", ["matplotlib", "scipy.stats", "sympy"])
def test_import_leaves_slow_module_unloaded(slow_module, tmp_path):
    code = f"import sys, theorycheck; sys.exit({slow_module!r} in sys.modules)"
    # -P and the empty folder keep the checkout out of the new interpreter's path.
    subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=True)
