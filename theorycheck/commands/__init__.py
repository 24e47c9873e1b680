"""Each command as one Python function, from its arguments to what it reports."""
