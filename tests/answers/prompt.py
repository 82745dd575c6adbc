"""The command line in this process: what a command prints, and its exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from expertfinder.cli import main

PREFIX = "EXPERTFINDER_"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


def typed(words: Sequence[str], home: Path) -> Said:
    """Run `expertfinder WORDS --json --home HOME` without any setting of the environment."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as for_now:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            for_now.delenv(name)
        for_now.setattr(sys, "argv", ["expertfinder", *words, "--json", "--home", str(home)])
        for_now.setattr(sys, "stdout", out)
        for_now.setattr(sys, "stderr", err)
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]
