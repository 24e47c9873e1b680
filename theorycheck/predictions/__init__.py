"""The sharp laws: how each is measured, and whether the ratio tends to 1."""
