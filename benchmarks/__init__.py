"""Benchmarks: run ``python -m benchmarks`` from the checkout. Nothing else imports this folder."""
