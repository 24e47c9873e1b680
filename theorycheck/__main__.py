"""``python -m theorycheck``: the command line."""

from theorycheck.cli import main

if __name__ == "__main__":
    main()
