"""Numbers that someone else computed, judged by the rules for our own runs."""
