"""Every piece of evidence can still be run: what it names is there."""

import importlib

import pytest

from evidence.__main__ import PIECES


@pytest.mark.parametrize("piece", PIECES)
def test_piece_of_evidence_finds_what_it_imports(piece):
    assert callable(importlib.import_module(f"evidence.{piece}").main)
