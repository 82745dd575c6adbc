"""`python -m expertfinder`: the command, where its folder is not on the path."""

from __future__ import annotations

from expertfinder.cli import main

if __name__ == "__main__":
    main()
