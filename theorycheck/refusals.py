"""Which errors are sentences written for the user, and which are mistakes of this program."""

from __future__ import annotations

from dis import opmap

OURS = ("bounds", "sims", "theorycheck")
RAISE = opmap["RAISE_VARARGS"]


class WorkerTraceback(Exception):
    """Where in its process an error was raised that nobody expected: its cause in this one."""


def is_refusal(error: BaseException) -> bool:
    """Tell whether an error is a ValueError that a line of these packages raised in so many words.

    What a library or the interpreter raises, even in our code, was not written for the user.
    """
    last = error.__traceback__
    if not isinstance(error, ValueError) or isinstance(error.__cause__, WorkerTraceback):
        return False
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return False
    package = str(last.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in OURS and last.tb_frame.f_code.co_code[last.tb_lasti] == RAISE
