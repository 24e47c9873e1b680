"""Verdicts and statements as text, JSON, CSV, LaTeX, one page and figures; computes no verdict."""
