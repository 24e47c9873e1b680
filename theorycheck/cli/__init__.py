"""The command line: parse options, call one command, print; nothing else."""

from theorycheck.cli.entry import main

__all__ = ["main"]
