"""Paths of problems along which a theorem is held, and what they keep of its premises."""
