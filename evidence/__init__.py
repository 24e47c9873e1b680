"""Long evidence: what takes longer than a test suite. ``python -m evidence NAME`` runs one."""
