"""Every piece of evidence can still be run: what it names is there."""

import importlib

import pytest

from evidence.__main__ import PIECES

# Of the extra `bench`, which the tests are run without.
FOREIGN_PACKAGES = {"jax", "torch"}


@pytest.mark.parametrize("piece", PIECES)
def test_piece_of_evidence_finds_what_it_imports(piece):
    try:
        module = importlib.import_module(f"evidence.{piece}")
    except ModuleNotFoundError as missing:
        if missing.name not in FOREIGN_PACKAGES:
            raise
        pytest.skip(f"{missing.name} is not installed")
    assert callable(module.main)
