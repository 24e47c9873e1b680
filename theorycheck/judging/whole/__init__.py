"""A theorem as a whole: all claims at once, its probability, and one line on it."""
