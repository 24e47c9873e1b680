"""Neither `bounds` nor `sims` can be bent to agree with the other: they never meet."""

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def imported_packages(source):
    """Top-level names of all absolute imports, wherever in the file they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("bounds", {"sims", "theorycheck"}), ("sims", {"bounds", "theorycheck"})],
)
def test_package_imports_no_other_layer(package, forbidden):
    files = list((CHECKOUT / package).rglob("*.py"))
    assert files, f"{package} has no files"
    meeting = {f.name for f in files if forbidden & set(imported_packages(f.read_text("utf-8")))}
    assert not meeting
