"""A star brings the symbols and the vocabulary, and takes no name of sympy's away."""

import pytest
import sympy

import bounds
from bounds import statements, symbols


def starred(module):
    names = {}
    exec(f"from {module.__name__} import *", names)
    del names["__builtins__"]
    return names


def test_star_of_symbols_brings_every_symbol_but_gamma():
    expected = {name: one.symbol for name, one in bounds.SYMBOLS.items() if name != "gamma"}
    assert starred(symbols) == expected


def test_star_of_statements_brings_what_a_theorem_is_made_of():
    found = starred(statements)
    assert {"Claim", "Condition", "Lemma", "Source", "Theorem"} < set(found)
    orders = {name for name, one in found.items() if isinstance(one, bounds.Order)}
    assert orders == {"BIG_O", "EXACT", "EXACT_LOWER", "EXACT_UPPER", "OMEGA", "SOFT_O", "THETA"}
    assert len(found) == 6 + len(orders)


@pytest.mark.parametrize("module", [statements, symbols], ids=lambda one: one.__name__)
def test_star_hides_nothing_of_sympy(module):
    assert not set(module.__all__) & set(dir(sympy))
