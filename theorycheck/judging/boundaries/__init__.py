"""Statements with "if and only if": where a boundary lies, and whether it stays at its index."""
