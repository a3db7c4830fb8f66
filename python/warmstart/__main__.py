"""The warmstart program: `python -m warmstart`."""

from __future__ import annotations

import sys

from . import _warmstart


def main() -> int:
    """Runs the program with the process's arguments. It is the process's from then on, signals included."""
    return _warmstart.run_program(["warmstart", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
