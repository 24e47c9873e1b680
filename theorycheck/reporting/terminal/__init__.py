"""What a check found as lines of a terminal: none wider than it, two a claim."""
